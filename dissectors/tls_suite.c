/* SPDX-License-Identifier: BSD-3-Clause */
#include "dissectors/tls_suite.h"

#include "facts/tls_names.h"

#define AEAD(c, key, iv, tag, hash)                                                                \
    .cipher = TLS_CIPHER_##c, .mode = TLS_MODE_AEAD, .key_size = (key), .iv_size = (iv),           \
    .tag_size = (tag), .prf = TLS_HASH_##hash
#define CBC(c, key, block, hash, prf_hash)                                                         \
    .cipher = TLS_CIPHER_##c, .mode = TLS_MODE_CBC, .key_size = (key), .iv_size = (block),         \
    .mac = TLS_HASH_##hash, .prf = TLS_HASH_##prf_hash
#define STREAM(c, key, hash, prf_hash)                                                             \
    .cipher = TLS_CIPHER_##c, .mode = TLS_MODE_STREAM, .key_size = (key), .mac = TLS_HASH_##hash,  \
    .prf = TLS_HASH_##prf_hash

static const struct tls_suite suites[] = {
    { "AES_128_GCM_SHA256", AEAD(AES_128_GCM, 16, 4, 16, SHA256) },
    { "AES_256_GCM_SHA384", AEAD(AES_256_GCM, 32, 4, 16, SHA384) },
    { "CHACHA20_POLY1305_SHA256", AEAD(CHACHA20_POLY1305, 32, 12, 16, SHA256) },
    { "AES_128_CCM", AEAD(AES_128_CCM, 16, 4, 16, SHA256) },
    { "AES_256_CCM", AEAD(AES_256_CCM, 32, 4, 16, SHA256) },
    { "AES_128_CCM_8", AEAD(AES_128_CCM, 16, 4, 8, SHA256) },
    { "AES_256_CCM_8", AEAD(AES_256_CCM, 32, 4, 8, SHA256) },
    { "AES_128_CCM_SHA256", AEAD(AES_128_CCM, 16, 4, 16, SHA256) },
    { "AES_128_CCM_8_SHA256", AEAD(AES_128_CCM, 16, 4, 8, SHA256) },
    { "ARIA_128_GCM_SHA256", AEAD(ARIA_128_GCM, 16, 4, 16, SHA256) },
    { "ARIA_256_GCM_SHA384", AEAD(ARIA_256_GCM, 32, 4, 16, SHA384) },
    { "AES_128_CBC_SHA", CBC(AES_128_CBC, 16, 16, SHA1, SHA256) },
    { "AES_256_CBC_SHA", CBC(AES_256_CBC, 32, 16, SHA1, SHA256) },
    { "AES_128_CBC_SHA256", CBC(AES_128_CBC, 16, 16, SHA256, SHA256) },
    { "AES_256_CBC_SHA256", CBC(AES_256_CBC, 32, 16, SHA256, SHA256) },
    { "AES_256_CBC_SHA384", CBC(AES_256_CBC, 32, 16, SHA384, SHA384) },
    { "CAMELLIA_128_CBC_SHA", CBC(CAMELLIA_128_CBC, 16, 16, SHA1, SHA256) },
    { "CAMELLIA_256_CBC_SHA", CBC(CAMELLIA_256_CBC, 32, 16, SHA1, SHA256) },
    { "CAMELLIA_128_CBC_SHA256", CBC(CAMELLIA_128_CBC, 16, 16, SHA256, SHA256) },
    { "CAMELLIA_256_CBC_SHA256", CBC(CAMELLIA_256_CBC, 32, 16, SHA256, SHA256) },
    { "CAMELLIA_256_CBC_SHA384", CBC(CAMELLIA_256_CBC, 32, 16, SHA384, SHA384) },
    { "ARIA_128_CBC_SHA256", CBC(ARIA_128_CBC, 16, 16, SHA256, SHA256) },
    { "ARIA_256_CBC_SHA384", CBC(ARIA_256_CBC, 32, 16, SHA384, SHA384) },
    { "3DES_EDE_CBC_SHA", CBC(3DES_CBC, 24, 8, SHA1, SHA256) },
    { "DES_CBC_SHA", CBC(DES_CBC, 8, 8, SHA1, SHA256) },
    { "SEED_CBC_SHA", CBC(SEED_CBC, 16, 16, SHA1, SHA256) },
    { "IDEA_CBC_SHA", CBC(IDEA_CBC, 16, 8, SHA1, SHA256) },
    { "RC4_128_SHA", STREAM(RC4, 16, SHA1, SHA256) },
    { "RC4_128_MD5", STREAM(RC4, 16, MD5, SHA256) },
    { "NULL_MD5", STREAM(NULL, 0, MD5, SHA256) },
    { "NULL_SHA", STREAM(NULL, 0, SHA1, SHA256) },
    { "NULL_SHA256", STREAM(NULL, 0, SHA256, SHA256) },
    { "NULL_SHA384", STREAM(NULL, 0, SHA384, SHA384) },
};

const struct tls_suite *tls_suite_of(uint16_t cipher)
{
    const char *name = tls_cipher_name(cipher);
    if (!name)
        return NULL;
    ptrdiff_t with = bytes_find_nocase(bytes_str(name), "_WITH_");
    name += with >= 0 ? (size_t)with + strlen("_WITH_") : strlen("TLS_");
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (strcmp(name, suites[i].name) == 0)
            return &suites[i];
    return NULL;
}

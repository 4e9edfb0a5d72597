/* SPDX-License-Identifier: BSD-3-Clause */
/* Replays saved inputs through a fuzz target in a build without a fuzzer: files or folders of them. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replayed;

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    static uint8_t buffer[4 << 20];
    size_t n = fread(buffer, 1, sizeof buffer, f);
    fclose(f);
    /* an exact copy, so that the sanitizer sees a read beyond its end */
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy)
        return 1;
    for (size_t i = 0; i < n; i++)
        copy[i] = buffer[i];
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    replayed++;
    return 0;
}

static int replay(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        perror(path);
        return 1;
    }
    if (!S_ISDIR(st.st_mode))
        return replay_file(path);
    DIR *dir = opendir(path);
    if (!dir) {
        perror(path);
        return 1;
    }
    int failed = 0;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (e->d_name[0] == '.')
            continue;
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        failed |= replay(name);
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    printf("%u inputs replayed\n", replayed);
    return failed || replayed == 0;
}

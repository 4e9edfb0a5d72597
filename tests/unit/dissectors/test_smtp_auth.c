/* SPDX-License-Identifier: BSD-3-Clause */
/* AUTH exchanges, and all that must not come out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dialogue.h"

static void login_refused_and_the_device_goes_on(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH LOGIN\n"
           "C: AUTH LOGIN\n"
           "S: 504 5.5.4 no\n"
           "C: c2VjcmV0dXNlcg==\n"
           "S: 500 5.5.1 unknown command \"c2VjcmV0dXNlcg==\"\n"
           "C: c2VjcmV0cGFzcw==\n"
           "S: 500 5.5.1 unknown command \"secretpass\" \"C2VJCMV0CGFZCW\"\n"
           "C: secretpass in clear\n"
           "S: 500-5.5.1 what is secretpass? or \"c2VjcmV0cGFzcyBpbiBjbGVhcg==\",\n"
           "S: 500 or \"secretpa\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH LOGIN\" lines=2\n"
           "S caps 1 esmtp \"LOGIN\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "S 504 auth AUTH@5 5.5.4 \"no\"\n"
           "C ? secret\n"
           "S 500 other ?@7 5.5.1 \"unknown command \"***\"\"\n"
           "C ? secret\n"
           "S 500 other ?@9 5.5.1 \"unknown command \"***\" \"***\"\"\n"
           "C ? secret\n"
           "S 500 other ?@11 5.5.1 \"what is ***? or \"***\", or \"***\" lines=2\n"
           "C QUIT\n"
           "S 221 quit QUIT@14 \"bye\"\n"
           "secret 22+16\n"
           "secret 40+16\n"
           "secret 58+19\n");
}

static void plain_with_an_initial_response(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH PLAIN\n"
           "C: AUTH PLAIN AHVzZXJAZXhhbXBsZS5qcABzZWNyZXRwYXNzIA==\n"
           "S: 535 5.7.8 user@example.jp: secretpass is wrong "
           "(AHVzZXJAZXhhbXBsZS5qcABzZWNyZXRwYXNzIA==)\n"
           "C: auth plain\n"
           "S: 334 \n"
           "C: AHVzZXIA\n"
           "S: 235 ok\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH PLAIN\" lines=2\n"
           "S caps 1 esmtp \"PLAIN\"\n"
           "C AUTH secret\n"
           "C auth \"PLAIN\" ir advertised\n"
           "C step 1 base64\n"
           "C identity \"user@example.jp\" domain password password-blank\n"
           "S 535 auth AUTH@5 5.7.8 \"user@example.jp: ***is wrong (***)\"\n"
           "C AUTH\n"
           "C auth \"PLAIN\" advertised\n"
           "S 334 auth AUTH@7 \"\"\n"
           "C step 1 base64\n"
           "C identity \"user\" password empty\n"
           "S 235 auth step@9 \"ok\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@11 \"bye\"\n"
           "secret 21+40\n"
           "secret 75+8\n");
}

static void login_step_by_step(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH=LOGIN\n"
           "C: AUTH LOGIN dXNlciA=\n"
           "S: 334 UGFzc3dvcmQ6\n"
           "C: cGFzcw==\n"
           "S: 535 no\n"
           "C: AUTH LOGIN\n"
           "S: 334 VXNlcm5hbWU6\n"
           "C: dXNlckBleGFtcGxlLmpw\n"
           "S: 334 UGFzc3dvcmQ6\n"
           "C: cGFzcyA=\n"
           "S: 454 4.7.0 later\n"
           "C: AUTH LOGIN\n"
           "S: 334 VXNlcm5hbWU6\n"
           "C: dXNlcg==\n"
           "S: 535 at the name already\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH=LOGIN\" lines=2\n"
           "S caps 1 esmtp auth= \"LOGIN\"\n"
           "C AUTH secret\n"
           "C auth \"LOGIN\" ir advertised\n"
           "C step 1 base64\n"
           "S 334 auth AUTH@5 \"UGFzc3dvcmQ6\"\n"
           "C step 2 base64\n"
           "C identity \"user \" blank password\n"
           "S 535 auth step@7 \"no\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "S 334 auth AUTH@9 \"VXNlcm5hbWU6\"\n"
           "C step 1 base64\n"
           "S 334 auth step@11 \"UGFzc3dvcmQ6\"\n"
           "C step 2 base64\n"
           "C identity \"user@example.jp\" domain password password-blank\n"
           "S 454 auth step@13 4.7.0 \"later\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "S 334 auth AUTH@15 \"VXNlcm5hbWU6\"\n"
           "C step 1 base64\n"
           "C identity \"user\"\n"
           "S 535 auth step@17 \"at the name already\"\n"
           "secret 21+8\n"
           "secret 31+8\n"
           "secret 53+20\n"
           "secret 75+8\n"
           "secret 97+8\n");
}

static void login_all_at_once(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH LOGIN\n"
           "C: AUTH LOGIN\n"
           "C: dXNlcg==\n"
           "C: cGFzcw==\n"
           "S: 334 VXNlcm5hbWU6\n"
           "S: 334 UGFzc3dvcmQ6\n"
           "S: 235 ok\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH LOGIN\" lines=2\n"
           "S caps 1 esmtp \"LOGIN\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "C step 1 base64\n"
           "C step 2 base64\n"
           "C identity \"user\" password\n"
           "S 334 auth AUTH@5 \"VXNlcm5hbWU6\"\n"
           "S 334 auth step@6 \"UGFzc3dvcmQ6\"\n"
           "S 235 auth step@7 \"ok\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@11 \"bye\"\n"
           "secret 22+8\n"
           "secret 32+8\n");
}

static void login_all_at_once_and_refused(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: AUTH LOGIN\n"
           "C: dXNlcg==\n"
           "C: c2VjcmV0\n"
           "S: 503 not offered\n"
           "S: 500 what is dXNlcg==\n"
           "S: 500 what is c2VjcmV0\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C AUTH\n"
           "C auth \"LOGIN\"\n"
           "C step 1 base64\n"
           "C step 2 base64\n"
           "C identity \"user\" password\n"
           "S 503 auth AUTH@4 \"not offered\"\n"
           "S 500 other ?@5 \"what is ***\"\n"
           "S 500 other ?@6 \"what is ***\"\n"
           "secret 22+8\n"
           "secret 32+8\n");
}

static void cancel_and_commands_in_the_exchange(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH LOGIN\n"
           "C: AUTH LOGIN\n"
           "S: 334 VXNlcm5hbWU6\n"
           "C: *\n"
           "S: 501 5.7.0 cancelled\n"
           "C: AUTH LOGIN\n"
           "S: 334 VXNlcm5hbWU6\n"
           "C: MAIL FROM:<a@b>\n"
           "S: 501 5.5.2 no base64\n"
           "C: AUTH LOGIN\n"
           "S: 334 VXNlcm5hbWU6\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH LOGIN\" lines=2\n"
           "S caps 1 esmtp \"LOGIN\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "S 334 auth AUTH@5 \"VXNlcm5hbWU6\"\n"
           "C step 1 cancel\n"
           "S 501 auth step@7 5.7.0 \"cancelled\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "S 334 auth AUTH@9 \"VXNlcm5hbWU6\"\n"
           "C step 1 command\n"
           "S 501 auth step@11 5.5.2 \"no base64\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "S 334 auth AUTH@13 \"VXNlcm5hbWU6\"\n"
           "C step 1 base64 command\n"
           "S 221 quit QUIT@15 \"bye\"\n"
           "secret 22+1\n"
           "secret 37+15\n"
           "secret 66+4\n");
}

static void no_base64_and_nothing(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH LOGIN PLAIN\n"
           "C: AUTH PLAIN\n"
           "S: 334 \n"
           "C: secret!\n"
           "S: 501 cannot decode secret!\n"
           "C: AUTH PLAIN\n"
           "S: 334 \n"
           "C: \n"
           "S: 535 no\n"
           "C: AUTH PLAIN =\n"
           "S: 535 no\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH LOGIN PLAIN\" lines=2\n"
           "S caps 1 esmtp \"LOGIN PLAIN\"\n"
           "C AUTH\n"
           "C auth \"PLAIN\" advertised\n"
           "S 334 auth AUTH@5 \"\"\n"
           "C step 1\n"
           "S 501 auth step@7 \"cannot decode ***\"\n"
           "C AUTH\n"
           "C auth \"PLAIN\" advertised\n"
           "S 334 auth AUTH@9 \"\"\n"
           "C step 1 empty base64\n"
           "S 535 auth step@11 \"no\"\n"
           "C AUTH secret\n"
           "C auth \"PLAIN\" ir advertised\n"
           "C step 1 empty base64\n"
           "S 535 auth AUTH@13 \"no\"\n"
           "secret 22+7\n"
           "secret 56+1\n");
}

static void mechanisms_of_every_kind(void **state)
{
    (void)state;
    expect(
        "S: 220 mx\n"
        "C: EHLO cam\n"
        "S: 250-mx\n"
        "S: 250-XXXXXXXA\n"
        "S: 250 AUTH=NTLM XFOO\n"
        "C: AUTH XFOO\n"
        "S: 504 no\n"
        "C: AUTH xfoo c2VjcmV0\n"
        "S: 504 no: xfoo c2VjcmV0\n"
        "C: AUTH XBAR\n"
        "S: 504 no\n"
        "C: AUTH c2VjcmV0 c2VjcmV0\n"
        "S: 504 c2VjcmV0\n"
        "C: AUTH EXTERNAL =\n"
        "S: 535 no\n"
        "C: AUTH GSSAPI YIIc2VjcmV0\n"
        "S: 535 no\n"
        "C: AUTH DIGEST-MD5\n"
        "S: 334 cmVhbG09IngiLG5vbmNlPSJ5Ig==\n"
        "C: dXNlcm5hbWU9ImNocmlzIixyZWFsbT0ieCIsbm9uY2U9InkiLHJlc3BvbnNlPWQz\n"
        "S: 334 cnNwYXV0aD1lYQ==\n"
        "C: \n"
        "S: 235 ok\n"
        "C: AUTH SCRAM-SHA-1 biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM\n"
        "S: 334 cj1meWtv\n"
        "C: Yz1iaXdzLHI9ZnlrbyxwPXYwWDh2\n"
        "S: 535 no\n"
        "C: AUTH XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnNlY3JldHRva2Vu"
        "AQE=\n"
        "S: 334 eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\n"
        "C: \n"
        "S: 535 5.7.8 not ya29.secrettoken\n"
        "C: AUTH OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9eAFhdXRoPUJlYXJlciBzZWNyZXR0b2tl"
        "bgEB\n"
        "S: 535 no secrettoken\n",
        "S 220 greeting \"mx\"\n"
        "C EHLO \"cam\"\n"
        "S 250 ehlo EHLO@2 \"mx XXXXXXXA AUTH=NTLM XFOO\" lines=3\n"
        "S caps 2 esmtp overwritten auth= \"NTLM XFOO\"\n"
        "C AUTH\n"
        "C auth \"XFOO\" other advertised\n"
        "S 504 auth AUTH@6 \"no\"\n"
        "C AUTH secret\n"
        "C auth \"XFOO\" other ir advertised\n"
        "C step 1 base64\n"
        "S 504 auth AUTH@8 \"no: xfoo ***\"\n"
        "C AUTH\n"
        "C auth \"XBAR\" other\n"
        "S 504 auth AUTH@10 \"no\"\n"
        "C AUTH secret\n"
        "C auth \"\" ir\n"
        "C step 1\n"
        "S 504 auth AUTH@12 \"***\"\n"
        "C AUTH secret\n"
        "C auth \"EXTERNAL\" ir\n"
        "C step 1 empty base64\n"
        "S 535 auth AUTH@14 \"no\"\n"
        "C AUTH secret\n"
        "C auth \"GSSAPI\" ir\n"
        "C step 1\n"
        "S 535 auth AUTH@16 \"no\"\n"
        "C AUTH\n"
        "C auth \"DIGEST-MD5\"\n"
        "S 334 auth AUTH@18 \"cmVhbG09IngiLG5vbmNlPSJ5Ig==\"\n"
        "C step 1 base64\n"
        "C identity \"chris\"\n"
        "S 334 auth step@20 \"cnNwYXV0aD1lYQ==\"\n"
        "C step 2 empty base64\n"
        "S 235 auth step@22 \"ok\"\n"
        "C AUTH secret\n"
        "C auth \"SCRAM-SHA-1\" ir\n"
        "C step 1 base64\n"
        "C identity \"user\"\n"
        "S 334 auth AUTH@24 \"cj1meWtv\"\n"
        "C step 2 base64\n"
        "S 535 auth step@26 \"no\"\n"
        "C AUTH secret\n"
        "C auth \"XOAUTH2\" ir\n"
        "C step 1 base64\n"
        "C identity \"someuser@example.com\" domain\n"
        "S 334 auth AUTH@28 \"{\"status\":\"400\",\"schemes\":\"Bearer\"}\"\n"
        "C step 2 empty base64\n"
        "S 535 auth step@30 5.7.8 \"not ***\"\n"
        "C AUTH secret\n"
        "C auth \"OAUTHBEARER\" ir\n"
        "C step 1 base64\n"
        "C identity \"user@example.com\" domain\n"
        "S 535 auth AUTH@32 \"no ***\"\n"
        "secret 31+8\n"
        "secret 57+17\n"
        "secret 90+1\n"
        "secret 105+11\n"
        "secret 135+64\n"
        "secret 220+48\n"
        "secret 270+28\n"
        "secret 313+76\n"
        "secret 410+72\n");
}

static void a_sign_in_that_goes_on_without_waiting(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH PLAIN\n"
           "C: AUTH PLAIN AHVzZXIAcGFzcw==\n"
           "C: MAIL FROM:<a@b>\n"
           "S: 235 ok\n"
           "S: 250 ok\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH PLAIN\" lines=2\n"
           "S caps 1 esmtp \"PLAIN\"\n"
           "C AUTH secret\n"
           "C auth \"PLAIN\" ir advertised\n"
           "C step 1 base64\n"
           "C identity \"user\" password\n"
           "C MAIL \"<a@b>\" pipelined\n"
           "S 235 auth AUTH@5 \"ok\"\n"
           "S 250 mail MAIL@6 \"ok\"\n"
           "secret 21+16\n");
}

static void a_gap_in_the_exchange(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250-mx\n"
           "S: 250 AUTH LOGIN\n"
           "C: AUTH LOGIN\n"
           "S: 334 VXNlcm5hbWU6\n"
           "C gap 10\n"
           "S: 334 UGFzc3dvcmQ6\n"
           "C: c2VjcmV0\n"
           "S: 535 wrong: c2VjcmV0\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx AUTH LOGIN\" lines=2\n"
           "S caps 1 esmtp \"LOGIN\"\n"
           "C AUTH\n"
           "C auth \"LOGIN\" advertised\n"
           "S 334 auth AUTH@5 \"VXNlcm5hbWU6\"\n"
           "S 334 auth AUTH \"UGFzc3dvcmQ6\"\n"
           "C step 1 base64 after-gap\n"
           "S 535 auth step@9 \"wrong: ***\"\n"
           "C QUIT after-gap\n"
           "S 221 quit QUIT@11 \"bye\"\n"
           "secret 32+8\n");
}

static void auth_lost_in_a_gap(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C gap 12\n"
           "S: 334 VXNlcm5hbWU6\n"
           "C: c2VjcmV0\n"
           "S: 334 UGFzc3dvcmQ6\n"
           "C: c2VjcmV0\n"
           "S: 535 wrong: secret\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "S 334 auth AUTH \"VXNlcm5hbWU6\"\n"
           "C step 1 base64 after-gap\n"
           "S 334 auth step@6 \"UGFzc3dvcmQ6\"\n"
           "C step 2 base64 after-gap\n"
           "S 535 auth step@8 \"wrong: ***\"\n"
           "secret 22+8\n"
           "secret 32+8\n");
}

static void a_message_after_a_refused_data(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "S: 503 5.5.1 need MAIL\n"
           "C: From: me@x.jp\n"
           "C: Help me\n"
           "C: MAIL from nowhere\n"
           "C: \n"
           "C: secretbody\n"
           "S: 500 unknown \"From: me@x.jp\"\n"
           "S: 500 unknown \"Help me\"\n"
           "S: 500 unknown \"MAIL from nowhere\"\n"
           "S: 500 unknown \"\"\n"
           "C: .\n"
           "S: 500 unknown \"secretbody\"\n"
           "S: 500 unknown \".\"\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "S 503 data DATA@4 5.5.1 \"need MAIL\"\n"
           "C ? secret\n"
           "C ? secret\n"
           "C ? secret\n"
           "C ? secret\n"
           "C ? secret\n"
           "S 500 other ? \"unknown \"***\"\"\n"
           "S 500 other ? \"unknown \"***\"\"\n"
           "S 500 other ? \"unknown \"****** ***\"\"\n"
           "S 500 other ? \"unknown \"\"\"\n"
           "C ? secret\n"
           "S 500 other ? \"unknown \"***\"\"\n"
           "S 500 other ? \"unknown \"*\"\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@18 \"bye\"\n");
}

static void a_message_before_data_was_refused(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: EHLO cam\n"
           "S: 250 mx\n"
           "C: DATA\n"
           "C: From: me@x.jp\n"
           "C: \n"
           "C: secretbody\n"
           "C: .\n"
           "S: 503 5.5.1 need MAIL\n"
           "S: 500 unknown \"From: me@x.jp\"\n"
           "S: 500 unknown \"secretbody\"\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C EHLO \"cam\"\n"
           "S 250 ehlo EHLO@2 \"mx\"\n"
           "S caps 0\n"
           "C DATA\n"
           "C message 29 longest=13 complete \"me@x.jp\"\n"
           "S 503 data DATA@4 5.5.1 \"need MAIL\"\n"
           "S 500 other ? \"***\"\n"
           "S 500 other ? \"***\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@12 \"bye\"\n");
}

static void a_password_of_another_protocol(void **state)
{
    (void)state;
    expect("S: 220 mx\n"
           "C: USER me\n"
           "S: 500 what is \"USER me\"?\n"
           "C: PASS secretpass\n"
           "S: 500 what is \"PASS secretpass\"?\n"
           "C: a1 LOGIN me secretpass\n"
           "S: 500 what is \"a1 LOGIN me secretpass\"?\n"
           "C: QUIT\n"
           "S: 221 bye\n",
           "S 220 greeting \"mx\"\n"
           "C ? \"USER\" secret\n"
           "S 500 other ?@2 \"what is \"USER **\"?\"\n"
           "C ? \"PASS\" secret\n"
           "S 500 other ?@4 \"what is \"PASS ***\"?\"\n"
           "C ? \"a1\"\n"
           "S 500 other ?@6 \"what is \"a1 ***** ***\"?\"\n"
           "C QUIT\n"
           "S 221 quit QUIT@8 \"bye\"\n"
           "secret 0+7\n"
           "secret 9+15\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(login_refused_and_the_device_goes_on),
        cmocka_unit_test(plain_with_an_initial_response),
        cmocka_unit_test(login_step_by_step),
        cmocka_unit_test(login_all_at_once),
        cmocka_unit_test(login_all_at_once_and_refused),
        cmocka_unit_test(cancel_and_commands_in_the_exchange),
        cmocka_unit_test(no_base64_and_nothing),
        cmocka_unit_test(mechanisms_of_every_kind),
        cmocka_unit_test(a_sign_in_that_goes_on_without_waiting),
        cmocka_unit_test(a_gap_in_the_exchange),
        cmocka_unit_test(auth_lost_in_a_gap),
        cmocka_unit_test(a_message_after_a_refused_data),
        cmocka_unit_test(a_message_before_data_was_refused),
        cmocka_unit_test(a_password_of_another_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/ask_password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

enum key {
    KEY_INTERRUPT = 3,
    KEY_END = 4,
    KEY_BACKSPACE = 8,
    KEY_QUIT = 28,
    KEY_ERASE_LINE = 21,
    KEY_DELETE = 127
};

enum read_result { READ_MORE, READ_DONE, READ_CANCELLED, READ_TOO_LONG, READ_NO_CHARACTER };

static volatile sig_atomic_t ended_by; /* the signal that came while a password was typed */

static struct secret *checked(struct secret *s)
{
    if (s && secret_bytes(s).len > 0)
        return s;
    if (s)
        log_error("--check-password: the password is empty");
    secret_free(s);
    return NULL;
}

/* A character may be of several bytes (UTF-8). */
static void take_back(struct secret *s)
{
    struct bytes b = secret_bytes(s);
    size_t n = b.len > 0 ? 1 : 0;
    while (n > 0 && n < b.len && (b.at[b.len - n] & 0xc0) == 0x80)
        n++;
    secret_shorten(s, n);
}

static enum read_result take_key(struct secret *s, uint8_t key)
{
    switch (key) {
    case '\r':
    case '\n':
        return READ_DONE;
    case KEY_INTERRUPT:
    case KEY_QUIT:
    case KEY_END:
        return READ_CANCELLED;
    case KEY_BACKSPACE:
    case KEY_DELETE:
        take_back(s);
        return READ_MORE;
    case KEY_ERASE_LINE:
        secret_shorten(s, secret_bytes(s).len);
        return READ_MORE;
    default:
        if (key < ' ') /* a cursor key's escape sequence would be a part of the password unseen */
            return READ_NO_CHARACTER;
        return secret_add(s, bytes_of(&key, 1)) ? READ_MORE : READ_TOO_LONG;
    }
}

/* Signals come only while it waits, with this mask: none slips in between a look and the wait. */
static enum read_result read_keys(int terminal, struct secret *s, const sigset_t *waiting)
{
    enum read_result result = READ_MORE;
    uint8_t key = 0;
    while (result == READ_MORE) {
        struct pollfd ready = { .fd = terminal, .events = POLLIN };
        bool interrupted = ppoll(&ready, 1, NULL, waiting) < 0 && errno == EINTR;
        if (interrupted && !ended_by)
            continue;
        bool got = !interrupted && read(terminal, &key, 1) == 1;
        result = got ? take_key(s, key) : READ_CANCELLED;
    }
    mem_wipe(&key, sizeof key);
    return result;
}

static void say(int terminal, const char *text)
{
    ssize_t n = write(terminal, text, strlen(text));
    (void)n;
}

static void on_ending(int number)
{
    ended_by = number;
}

static const int ending[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
enum { ENDING_SIGNALS = sizeof ending / sizeof *ending };

struct signals {
    struct sigaction before[ENDING_SIGNALS];
    sigset_t mask;
};

/* A program that a signal ends would leave the terminal mute. */
static void catch_ending(struct signals *s)
{
    struct sigaction action = { .sa_handler = on_ending };
    struct sigaction *before = s->before;
    sigset_t held;
    sigemptyset(&action.sa_mask);
    sigemptyset(&held);
    for (size_t i = 0; i < ENDING_SIGNALS; i++)
        sigaddset(&held, ending[i]);
    sigprocmask(SIG_BLOCK, &held, &s->mask);
    ended_by = 0;
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        sigaction(ending[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    }
}

static void release_ending(const struct signals *s)
{
    for (size_t i = 0; i < ENDING_SIGNALS; i++)
        sigaction(ending[i], &s->before[i], NULL);
    sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

/* Keys come one by one, unseen; an interrupt too comes as a key, so that the terminal is put right
 * again. */
static enum read_result read_unseen(int terminal, const char *prompt, struct secret *s)
{
    struct termios usual, unseen;
    if (tcgetattr(terminal, &usual) != 0)
        return READ_CANCELLED;
    unseen = usual;
    unseen.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    unseen.c_cc[VMIN] = 1;
    unseen.c_cc[VTIME] = 0;
    struct signals signals;
    catch_ending(&signals);
    enum read_result result = READ_CANCELLED;
    if (tcsetattr(terminal, TCSAFLUSH, &unseen) == 0) {
        say(terminal, prompt);
        result = read_keys(terminal, s, &signals.mask);
        (void)tcsetattr(terminal, TCSAFLUSH, &usual);
        say(terminal, "\n");
    }
    release_ending(&signals);
    if (ended_by)
        (void)raise(ended_by); /* now it may end the program */
    return result;
}

struct secret *ask_password_terminal(const char *prompt)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        log_error(
            "--check-password: there is no terminal on which to ask for the password; give a file that holds it: --check-password=FILE");
        return NULL;
    }
    struct secret *s = secret_new(PASSWORD_MAX);
    enum read_result result = s ? read_unseen(terminal, prompt, s) : READ_CANCELLED;
    close(terminal);
    if (result == READ_DONE)
        return checked(s);
    if (!s)
        log_error("there is not enough memory to begin");
    else if (result == READ_TOO_LONG)
        log_error("--check-password: the password is longer than %d bytes", PASSWORD_MAX);
    else if (result == READ_NO_CHARACTER)
        log_error(
            "--check-password: that key is no letter of a password, nor does it correct one (Backspace does, and Ctrl-U takes all back); try again");
    else
        log_error("--check-password: no password was given");
    secret_free(s);
    return NULL;
}

/* What editors put before and between the letters of a text. */
static enum read_result without_marks(struct secret *s)
{
    static const char mark[] = "\xef\xbb\xbf"; /* "UTF-8 with BOM" */
    struct bytes b = secret_bytes(s);
    if (bytes_find(b, 0) >= 0 || bytes_starts_nocase(b, "\xff\xfe") ||
        bytes_starts_nocase(b, "\xfe\xff"))
        return READ_NO_CHARACTER; /* UTF-16 */
    if (bytes_starts_nocase(b, mark))
        secret_drop(s, sizeof mark - 1);
    return READ_DONE;
}

/* Up to the end of the line; what is behind it is wiped unread. */
static enum read_result read_first_line(int file, struct secret *s)
{
    enum read_result result = READ_MORE;
    uint8_t byte = 0;
    while (result == READ_MORE) {
        ssize_t n = read(file, &byte, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            result = READ_CANCELLED;
        else if (n == 0 || byte == '\n')
            result = READ_DONE;
        else if (!secret_add(s, bytes_of(&byte, 1)))
            result = READ_TOO_LONG;
    }
    mem_wipe(&byte, sizeof byte);
    struct bytes b = secret_bytes(s);
    if (b.len > 0 && b.at[b.len - 1] == '\r')
        secret_shorten(s, 1);
    return result == READ_DONE ? without_marks(s) : result;
}

struct secret *ask_password_file(const char *name)
{
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        log_error(
            "--check-password=FILE: the file cannot be opened: %s. (What stands behind the = is the name of a file whose first line is the "
            "password, not the password)",
            strerror(errno));
        return NULL;
    }
    struct secret *s = secret_new(PASSWORD_MAX);
    enum read_result result = s ? read_first_line(file, s) : READ_CANCELLED;
    int reason = errno;
    close(file);
    if (result == READ_DONE)
        return checked(s);
    if (!s)
        log_error("there is not enough memory to begin");
    else if (result == READ_TOO_LONG)
        log_error("--check-password=FILE: the first line of the file is longer than %d bytes",
                  PASSWORD_MAX);
    else if (result == READ_NO_CHARACTER)
        log_error(
            "--check-password=FILE: the first line of the file is no plain text (it looks like UTF-16, which some editors call \"Unicode\"); save it as UTF-8");
    else
        log_error("--check-password=FILE: the file cannot be read: %s", strerror(reason));
    secret_free(s);
    return NULL;
}

/*
 * The database's entry point: makes the system tables where the volume is empty, then becomes the server.
 *
 * The password comes from the environment and goes to the server through memory, so no file holds it. It is set at each
 * start: a changed environment is enough to change it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const server = "/usr/sbin/mariadbd";
static const char *const tables = "/usr/share/shopping/tables.sql";
/* Written last, so that a first start that was cut short is done again. */
static const char *const complete = "/var/lib/mysql/complete";

static void fail(const char *what) {
    fprintf(stderr, "start: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void make_tables(void) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        int input = open(tables, O_RDONLY);
        if (input < 0 || dup2(input, STDIN_FILENO) < 0) fail(tables);
        execl(server, server, "--bootstrap", (char *)NULL);
        fail(server);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) fail("waitpid");
    if (status != 0) {
        fputs("start: the tables could not be made\n", stderr);
        exit(1);
    }
    int mark = open(complete, O_WRONLY | O_CREAT, 0600);
    if (mark < 0 || fsync(mark) < 0 || close(mark) < 0) fail(complete);
}

/* Writes a string of SQL. */
static void quote(FILE *out, const char *text) {
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') putc('\\', out);
        putc(*text, out);
    }
    putc('\'', out);
}

/* The statements that give the service its account: a file in memory, which the server inherits. */
static int make_account(const char *password) {
    int memory = memfd_create("account", 0);
    FILE *out = memory < 0 ? NULL : fdopen(dup(memory), "w");
    if (!out) fail("memfd_create");
    fputs("CREATE USER IF NOT EXISTS shopping;\nALTER USER shopping IDENTIFIED BY ", out);
    quote(out, password);
    fputs(";\nGRANT SELECT, INSERT, DELETE ON shopping.* TO shopping;\n", out);
    if (fclose(out) != 0) fail("memfd_create");
    return memory;
}

int main(void) {
    const char *password = getenv("DATABASE_PASSWORD");
    if (!password || !*password || strpbrk(password, "\r\n")) {
        fputs("start: DATABASE_PASSWORD must be a line of text\n", stderr);
        return 1;
    }
    if (access(complete, F_OK) != 0) make_tables();
    char account[64];
    snprintf(account, sizeof account, "--init-file=/proc/self/fd/%d", make_account(password));
    unsetenv("DATABASE_PASSWORD");
    execl(server, server, account, (char *)NULL);
    fail(server);
}

/* Notes every write, truncation, sync and removal of the files in SHIM_FOLDER, in order, in
   SHIM_LOG; and what the program says on standard output, which is its answers.
   Preloaded into the writer of the durability test; Linux only. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;

static void put(const void *data, size_t length) {
    const char *at = data;
    while (length > 0) {
        ssize_t done = syscall(SYS_write, log_fd, at, length);
        if (done <= 0) abort();
        at += done;
        length -= (size_t)done;
    }
}

static void put_number(uint64_t number) { put(&number, sizeof number); }

static void note(char kind, const char *name, uint64_t offset, const void *data, uint64_t length) {
    if (log_fd < 0) {
        const char *path = getenv("SHIM_LOG");
        if (path == NULL) return;
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (log_fd < 0) abort();
    }
    put(&kind, 1);
    put_number(strlen(name));
    put(name, strlen(name));
    put_number(offset);
    put_number(length);
    if (length > 0) put(data, length);
}

/* The name of a watched file; the shared-memory file is no part of what is durable. */
static const char *in_folder(const char *path) {
    const char *folder = getenv("SHIM_FOLDER");
    size_t length = folder == NULL ? 0 : strlen(folder);
    if (length == 0 || strncmp(path, folder, length) != 0 || path[length] != '/') return NULL;
    const char *name = path + length + 1;
    return strstr(name, "-shm") || strstr(name, ".lock") ? NULL : name;
}

static const char *watched(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return NULL;
    path[length] = 0;
    return in_folder(path);
}


ssize_t write(int fd, const void *data, size_t length) {
    char path[4096];
    pthread_mutex_lock(&lock);
    const char *name = watched(fd, path, sizeof path);
    off_t offset = name ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = syscall(SYS_write, fd, data, length);
    if (done > 0 && name) note('W', name, (uint64_t)offset, data, (uint64_t)done);
    if (done > 0 && fd == 1) note('A', "", 0, data, (uint64_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    char path[4096];
    pthread_mutex_lock(&lock);
    const char *name = watched(fd, path, sizeof path);
    ssize_t done = syscall(SYS_pwrite64, fd, data, length, offset);
    if (done > 0 && name) note('W', name, (uint64_t)offset, data, (uint64_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return pwrite64(fd, data, length, offset);
}

int ftruncate64(int fd, off64_t length) {
    char path[4096];
    pthread_mutex_lock(&lock);
    const char *name = watched(fd, path, sizeof path);
    int failed = (int)syscall(SYS_ftruncate, fd, length);
    if (!failed && name) note('T', name, (uint64_t)length, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synced(int fd, long call) {
    char path[4096];
    pthread_mutex_lock(&lock);
    const char *name = watched(fd, path, sizeof path);
    int failed = (int)syscall(call, fd);
    if (!failed && name) note('S', name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }

int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int unlink(const char *path) {
    const char *name = in_folder(path);
    int failed = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (!failed && name) {
        pthread_mutex_lock(&lock);
        note('U', name, 0, NULL, 0);
        pthread_mutex_unlock(&lock);
    }
    return failed;
}

/* A disk that a test can pull the plug of, under one process (LD_PRELOAD).
 *
 * Only what was synced is on it: each fsync of a file (and each write with O_DSYNC) copies its content, each fsync of a
 * folder its list of names, into a mirror folder. After a power loss the test builds the state folder anew from the
 * mirror: what was written and never synced is gone, as it may be on a real disk. What is there when the first process
 * starts counts as synced; what one that was killed had written and not synced does not.
 *
 * A sync that fails forgets, as Linux does: the pages that it should have written count as clean from then on, and a
 * later sync that succeeds does not bring them back. Only writing them again does.
 *
 * A control file of eight octets, mapped, makes it fail: [0] full, [1] syncs fail, [2..3] milliseconds of each sync.
 *
 * EVERPRINT_DISK_STATE  the folder that this is about
 * EVERPRINT_DISK_MIRROR where what is durable is kept: file-KEY, folder-KEY and root
 * EVERPRINT_DISK_CONTROL the control file
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char state[PATH_MAX], mirror[PATH_MAX];
static const volatile unsigned char *control;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static int (*real_fallocate)(int, off64_t, off64_t);

static int is_ours(const char *path)
{
    size_t length = strlen(state);
    return length && strncmp(path, state, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int path_of(int fd, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return 0;
    path[length] = '\0';
    return is_ours(path);
}

/* Inode numbers are used again: with the moment of birth they are not. */
static int key_of(int folder, const char *name, char *key, size_t size, int *is_folder)
{
    struct statx found;
    if (statx(folder, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME | STATX_TYPE, &found) != 0)
        return 0;
    snprintf(key, size, "%llu-%lld-%u", (unsigned long long)found.stx_ino, (long long)found.stx_btime.tv_sec,
             found.stx_btime.tv_nsec);
    *is_folder = S_ISDIR(found.stx_mode);
    return 1;
}

/* What this process has written of a file since its last sync, page by page. */
enum { PAGE = 4096, CLEAN = 0, DIRTY = 1, LOST = 2 };

struct file {
    char key[96];
    unsigned char *pages;
    size_t count;
    struct file *next;
};

static struct file *files;
static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;

static struct file *file_of(const char *key)
{
    struct file *found = files;
    while (found && strcmp(found->key, key) != 0)
        found = found->next;
    if (!found) {
        found = calloc(1, sizeof *found);
        if (!found)
            abort();
        snprintf(found->key, sizeof found->key, "%s", key);
        found->next = files;
        files = found;
    }
    return found;
}

static void note_written(int fd, off64_t at, size_t length)
{
    char key[96];
    int is_folder;
    if (!length || !key_of(fd, "", key, sizeof key, &is_folder))
        return;
    size_t first = (size_t)at / PAGE, end = ((size_t)at + length - 1) / PAGE + 1;
    pthread_mutex_lock(&files_lock);
    struct file *file = file_of(key);
    if (end > file->count) {
        size_t count = end * 2;
        file->pages = realloc(file->pages, count);
        if (!file->pages)
            abort();
        memset(file->pages + file->count, CLEAN, count - file->count);
        file->count = count;
    }
    memset(file->pages + first, DIRTY, end - first);
    pthread_mutex_unlock(&files_lock);
}

static void forget_written(int fd)
{
    char key[96];
    int is_folder;
    if (!key_of(fd, "", key, sizeof key, &is_folder))
        return;
    pthread_mutex_lock(&files_lock);
    struct file *file = file_of(key);
    for (size_t page = 0; page < file->count; page++)
        if (file->pages[page] == DIRTY)
            file->pages[page] = LOST;
    pthread_mutex_unlock(&files_lock);
}

/* Which pages keep what they had; what is dirty is being synced. */
static unsigned char *take_pages(const char *key, size_t *count)
{
    pthread_mutex_lock(&files_lock);
    struct file *file = file_of(key);
    unsigned char *pages = malloc(file->count + 1);
    if (!pages)
        abort();
    *count = file->count;
    for (size_t page = 0; page < file->count; page++) {
        if (file->pages[page] == DIRTY)
            file->pages[page] = CLEAN;
        pages[page] = file->pages[page];
    }
    pthread_mutex_unlock(&files_lock);
    return pages;
}

/* Whoever copies later must not be overtaken: threads and processes take turns. */
static int take_turn(void)
{
    char name[PATH_MAX + 16];
    snprintf(name, sizeof name, "%s/lock", mirror);
    int lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (lock >= 0 && flock(lock, LOCK_EX) != 0)
        if (errno != EINTR)
            abort();
    if (lock < 0)
        abort();
    return lock; /* to be closed */
}

static int begin_mirror(const char *kind, const char *key, char *name, char *temporary)
{
    snprintf(name, PATH_MAX + 128, "%s/%s-%s", mirror, kind, key);
    snprintf(temporary, PATH_MAX + 160, "%s.%ld", name, syscall(SYS_gettid));
    int to = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0)
        abort(); /* without its mirror the disk would lie */
    return to;
}

static void end_mirror(int to, const char *name, const char *temporary)
{
    close(to);
    if (rename(temporary, name) != 0)
        abort();
}

static void put_text(const char *kind, const char *key, const char *text)
{
    char name[PATH_MAX + 128], temporary[PATH_MAX + 160];
    int to = begin_mirror(kind, key, name, temporary);
    if (real_write(to, text, strlen(text)) < 0)
        abort();
    end_mirror(to, name, temporary);
}

static void put_file(const char *key, int from)
{
    char name[PATH_MAX + 128], temporary[PATH_MAX + 160], piece[16 * PAGE];
    size_t count;
    unsigned char *pages = take_pages(key, &count);
    size_t step = memchr(pages, LOST, count) ? PAGE : sizeof piece;
    int to = begin_mirror("file", key, name, temporary);
    int before = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    for (off_t at = 0; (got = pread(from, piece, step, at)) > 0; at += got) {
        size_t page = (size_t)at / PAGE;
        if (step == PAGE && page < count && pages[page] == LOST) {
            memset(piece, 0, (size_t)got);
            if (before >= 0 && pread(before, piece, (size_t)got, at) < 0)
                abort();
        }
        if (real_write(to, piece, (size_t)got) != got)
            abort();
    }
    if (before >= 0)
        close(before);
    free(pages);
    end_mirror(to, name, temporary);
}

static void keep_folder(const char *path)
{
    char key[96], entry[96], *list = NULL;
    size_t size = 0;
    int is_folder;
    DIR *folder = opendir(path);
    if (!folder || !key_of(AT_FDCWD, path, key, sizeof key, &is_folder))
        return;
    FILE *text = open_memstream(&list, &size);
    struct dirent *found;
    while ((found = readdir(folder))) {
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        if (key_of(dirfd(folder), found->d_name, entry, sizeof entry, &is_folder))
            fprintf(text, "%s %s %s\n", is_folder ? "folder" : "file", entry, found->d_name);
    }
    fclose(text);
    closedir(folder);
    put_text("folder", key, list);
    free(list);
}

static void keep_file(int fd)
{
    char key[96];
    int is_folder, from;
    char path[64];
    if (!key_of(fd, "", key, sizeof key, &is_folder))
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    from = open(path, O_RDONLY | O_CLOEXEC); /* it may be open for writing only */
    if (from < 0)
        return;
    put_file(key, from);
    close(from);
}

static void keep_all(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *found;
    if (!folder)
        return;
    while ((found = readdir(folder))) {
        char below[PATH_MAX];
        struct stat about;
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        if (snprintf(below, sizeof below, "%s/%s", path, found->d_name) >= (int)sizeof below)
            continue;
        if (lstat(below, &about) != 0)
            continue;
        if (S_ISDIR(about.st_mode))
            keep_all(below);
        else if (S_ISREG(about.st_mode)) {
            int fd = open(below, O_RDONLY | O_CLOEXEC);
            if (fd >= 0) {
                keep_file(fd);
                close(fd);
            }
        }
    }
    closedir(folder);
    keep_folder(path);
}

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("EVERPRINT_DISK_STATE"), *kept = getenv("EVERPRINT_DISK_MIRROR");
    const char *how = getenv("EVERPRINT_DISK_CONTROL");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
    real_fallocate = dlsym(RTLD_NEXT, "posix_fallocate64");
    if (!folder || !kept || !how)
        return;
    snprintf(state, sizeof state, "%s", folder);
    snprintf(mirror, sizeof mirror, "%s", kept);
    int fd = open(how, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        abort();
    control = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
    if (control == MAP_FAILED)
        abort();
    close(fd);
    char key[96], begun[PATH_MAX + 16];
    int is_folder, turn = take_turn();
    snprintf(begun, sizeof begun, "%s/root-key", mirror);
    if (access(begun, F_OK) != 0) {
        keep_all(state);
        if (key_of(AT_FDCWD, state, key, sizeof key, &is_folder))
            put_text("root", "key", key);
    }
    close(turn);
}

static int is_full(int fd)
{
    char path[PATH_MAX];
    return control && control[0] && path_of(fd, path);
}

/* Takes the time of a sync; false if it fails, and then what was written is forgotten. */
static int disk_syncs(int fd)
{
    int wait_ms = control[2] | control[3] << 8;
    if (wait_ms) {
        struct timespec wait = {wait_ms / 1000, (long)(wait_ms % 1000) * 1000000};
        nanosleep(&wait, NULL);
    }
    if (!control[1])
        return 1;
    forget_written(fd);
    errno = EIO;
    return 0;
}

/* A write through a descriptor with O_DSYNC is durable when it returns. */
static ssize_t after_write(int fd, off64_t at, ssize_t written)
{
    char path[PATH_MAX];
    if (written <= 0 || !control || !path_of(fd, path))
        return written;
    note_written(fd, at, (size_t)written);
    if (!(fcntl(fd, F_GETFL) & O_DSYNC))
        return written;
    if (!disk_syncs(fd))
        return -1;
    int turn = take_turn();
    keep_file(fd);
    close(turn);
    return written;
}

static int sync_file(int fd)
{
    char path[PATH_MAX];
    struct stat about;
    if (!control || !path_of(fd, path))
        return (int)syscall(SYS_fsync, fd);
    if (!disk_syncs(fd) || fstat(fd, &about) != 0)
        return -1;
    int turn = take_turn();
    if (S_ISDIR(about.st_mode))
        keep_folder(path);
    else
        keep_file(fd);
    close(turn);
    return 0;
}

int fsync(int fd) { return sync_file(fd); }
int fdatasync(int fd) { return sync_file(fd); }

ssize_t write(int fd, const void *octets, size_t length)
{
    if (is_full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t written = real_write(fd, octets, length);
    off64_t end = control && written > 0 ? lseek64(fd, 0, SEEK_CUR) : -1;
    return end < 0 ? written : after_write(fd, end - written, written);
}

ssize_t pwrite64(int fd, const void *octets, size_t length, off64_t at)
{
    if (is_full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return after_write(fd, at, real_pwrite64(fd, octets, length, at));
}

ssize_t pwrite(int fd, const void *octets, size_t length, off_t at) { return pwrite64(fd, octets, length, at); }

int posix_fallocate64(int fd, off64_t at, off64_t length)
{
    return is_full(fd) ? ENOSPC : real_fallocate(fd, at, length);
}

int posix_fallocate(int fd, off_t at, off_t length) { return posix_fallocate64(fd, at, length); }

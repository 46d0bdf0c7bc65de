/* For QEMU 7.2 to 10.0 emulating a processor (TCG), by LD_PRELOAD: two faults of theirs that KVM does not show.

   1. At each checkpoint of COLO the migration thread calls run_on_cpu() without the big lock, which that function
      waits with: pthread_cond_wait() on a mutex that the thread does not hold returns holding it, and nobody lets go.
      So: who waits without holding the mutex takes it for the wait only. A wake-up may be missed meanwhile: the wait is
      short, and the caller looks again.
   2. (7.2 only) The bitmap of pages written since is cleared, but the emulated processor remembers that it may write
      to them without saying so. So: whenever that thread has processors synchronised, they are made to forget. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_WAIT_NS 20000000L
#define NS_PER_S 1000000000L

typedef int (*wait_function)(pthread_cond_t *, pthread_mutex_t *);
typedef int (*timed_wait_function)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

static wait_function real_wait;
static timed_wait_function real_timed_wait;
/* QEMU's own; NULL in other programs, and where a release has renamed them. */
static void *(*cpu_of_number)(int);
static void (*forget_translations)(void *cpu);
static bool (*runs_this_cpu)(void *cpu);
static bool (*big_lock_is_held)(void);

__attribute__((constructor)) static void find_functions(void)
{
    real_wait = (wait_function)dlvsym(RTLD_NEXT, "pthread_cond_wait", "GLIBC_2.3.2");
    real_timed_wait = (timed_wait_function)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    cpu_of_number = dlsym(RTLD_DEFAULT, "qemu_get_cpu");
    forget_translations = dlsym(RTLD_DEFAULT, "tlb_flush");
    runs_this_cpu = dlsym(RTLD_DEFAULT, "qemu_cpu_is_self");
    big_lock_is_held = dlsym(RTLD_DEFAULT, "qemu_mutex_iothread_locked");
}

static bool is_thread_of_a_cpu(void)
{
    void *cpu;
    for (int number = 0; (cpu = cpu_of_number(number)); number++)
        if (runs_this_cpu(cpu))
            return true;
    return false;
}

static void have_all_forget(void)
{
    void *cpu;
    if (!cpu_of_number || !forget_translations || !runs_this_cpu || is_thread_of_a_cpu())
        return;
    for (int number = 0; (cpu = cpu_of_number(number)); number++)
        forget_translations(cpu);
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    pid_t thread = (pid_t)syscall(SYS_gettid);
    struct timespec until;
    if (mutex->__data.__kind != PTHREAD_MUTEX_TIMED_NP)
        return real_wait(condition, mutex); /* of these the owner is not noted */
    if (mutex->__data.__owner == thread) {
        if (thread != getpid() && big_lock_is_held && big_lock_is_held())
            have_all_forget();
        return real_wait(condition, mutex);
    }
    pthread_mutex_lock(mutex);
    have_all_forget();
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LONGEST_WAIT_NS;
    until.tv_sec += until.tv_nsec / NS_PER_S;
    until.tv_nsec %= NS_PER_S;
    real_timed_wait(condition, mutex, &until);
    pthread_mutex_unlock(mutex);
    return 0;
}

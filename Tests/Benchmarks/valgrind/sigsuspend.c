// Preloaded into a node under valgrind, which (3.19) writes to the mask that a program gives to sigsuspend(2) and so breaks
// libdispatch: there the mask is a constant.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, 8);
}

/* Calls of glibc 2.36 that Swift's Glibc module leaves out. */
#include <spawn.h>
#include <sys/pidfd.h>

int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

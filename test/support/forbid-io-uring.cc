// forbid-io-uring ERRNO PROGRAM ARGUMENTS...: runs a program in which io_uring_setup fails, as
// containers do it (seccomp).
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cstddef>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const bool setup = std::strcmp(argv[1], "setup") == 0;
  const unsigned forbidden = setup ? SYS_io_uring_setup : SYS_io_uring_enter;
  const unsigned refusal = SECCOMP_RET_ERRNO | static_cast<unsigned>(std::atoi(argv[2]));
  sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, forbidden, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, refusal),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {4, instructions};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 3;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return 3;
  execvp(argv[3], argv + 3);
  return 3;
}

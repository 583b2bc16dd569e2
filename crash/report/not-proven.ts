/** What no run of this says anything about. Part of every report. */
export const notProven: readonly string[] = [
  'No real power was cut: every device here is simulated, emulated or a file. `seawall rig` is for real drives.',
  'The exhaustive layers are complete up to a length that they name; longer workloads are sampled.',
  'L2 and L4 to L6 are samples; where a layer came to the end of its budget, its notes say so.',
  'SIGKILL (L4) leaves the page cache and the drive intact: it proves nothing about durability.',
  'A drive that goes back to an older, consistent state as a whole cannot be told from that state.',
]

interface Signature {
  readonly name: string
  readonly at: number
  readonly bytes: Buffer
}

const signature = (name: string, at: number, bytes: string | number[]): Signature => ({
  name,
  at,
  bytes: Buffer.from(bytes as string),
})

// As blkid finds them: the first bytes that each format must have.
const signatures: readonly Signature[] = [
  signature('an ext2, ext3 or ext4 file system', 1080, [0x53, 0xef]),
  signature('an XFS file system', 0, 'XFSB'),
  signature('a Btrfs file system', 0x10040, '_BHRfS_M'),
  signature('an F2FS file system', 1024, [0x10, 0x20, 0xf5, 0xf2]),
  signature('an NTFS file system', 3, 'NTFS    '),
  signature('an exFAT file system', 3, 'EXFAT   '),
  signature('a FAT file system', 54, 'FAT'),
  signature('a FAT file system', 82, 'FAT32'),
  signature('a LUKS volume', 0, [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]),
  signature('an LVM physical volume', 512, 'LABELONE'),
  signature('a RAID member (md)', 4096, [0xfc, 0x4e, 0x2b, 0xa9]),
  signature('a RAID member (md)', 0, [0xfc, 0x4e, 0x2b, 0xa9]),
  signature('swap space', 4086, 'SWAPSPACE2'),
  signature('an ISO 9660 image', 0x8001, 'CD001'),
  signature('a partition table (GPT)', 512, 'EFI PART'),
  signature('a partition table (GPT)', 4096, 'EFI PART'),
  signature('a partition table (MBR)', 510, [0x55, 0xaa]),
]

/** So many bytes from the start of a device are looked at. */
export const signatureBytes = 128 * 1024

/** What the start of a device looks like; undefined when nothing is known of it. */
export function signatureOf(head: Buffer): string | undefined {
  return signatures.find(
    ({ at, bytes }) => head.length >= at + bytes.length && head.indexOf(bytes, at) === at,
  )?.name
}

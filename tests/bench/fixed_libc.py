# SPDX-License-Identifier: Apache-2.0
"""What programs under callgrind are told, so that counts do not depend on which instructions this CPU has: libc then always
takes the same memcpy."""
import os

FIXED_LIBC = "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM"


def environment():
    return {**os.environ, "GLIBC_TUNABLES": FIXED_LIBC}

# SPDX-License-Identifier: Apache-2.0
# Compiles for arm64 with Debian's cross compiler against the folder that deploy/image/sysroot makes. Programs that make code
# (protoc) run here.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
get_filename_component(CMAKE_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../../build/sysroot-arm64" ABSOLUTE)
if(NOT EXISTS "${CMAKE_SYSROOT}/complete")
  message(FATAL_ERROR "${CMAKE_SYSROOT} is not there: deploy/image/sysroot arm64 build/sysroot-arm64 makes it")
endif()
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# The loader of the machine that runs it finds its libraries without.
set(CMAKE_SKIP_RPATH ON)

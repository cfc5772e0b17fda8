// libarchive(3), loaded when it is first needed: it and the libraries that it needs take several times as
// long to load as a listing takes to answer.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#define CL_ARCHIVE_FUNCTIONS(X) \
  X(archive_entry_filetype) \
  X(archive_entry_gid) \
  X(archive_entry_hardlink) \
  X(archive_entry_mtime) \
  X(archive_entry_mtime_nsec) \
  X(archive_entry_pathname) \
  X(archive_entry_perm) \
  X(archive_entry_rdevmajor) \
  X(archive_entry_rdevminor) \
  X(archive_entry_size) \
  X(archive_entry_symlink) \
  X(archive_entry_uid) \
  X(archive_entry_xattr_next) \
  X(archive_entry_xattr_reset) \
  X(archive_errno) \
  X(archive_error_string) \
  X(archive_filter_bytes) \
  X(archive_filter_count) \
  X(archive_read_data_block) \
  X(archive_read_free) \
  X(archive_read_new) \
  X(archive_read_next_header) \
  X(archive_read_open) \
  X(archive_read_open_fd) \
  X(archive_read_support_filter_bzip2) \
  X(archive_read_support_filter_gzip) \
  X(archive_read_support_filter_xz) \
  X(archive_read_support_filter_zstd) \
  X(archive_read_support_format_raw) \
  X(archive_read_support_format_tar)

/// The functions that Cairn uses, with the types that the library's header gives them.
struct cl_archive {
#define X(name) __typeof__(name) *name;
  CL_ARCHIVE_FUNCTIONS(X)
#undef X
};

/// Loads the library and finds its functions. NULL, or why it cannot be had; the text stays valid.
const char *cl_archive_load(struct cl_archive *functions);

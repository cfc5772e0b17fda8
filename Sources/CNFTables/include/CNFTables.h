// libnftables(3), loaded when it is first needed: it and the libraries that it needs take several times as
// long to load as a listing takes to answer.
#pragma once

#include <nftables/libnftables.h>

#define CL_NFTABLES_FUNCTIONS(X) \
  X(nft_ctx_buffer_error) \
  X(nft_ctx_buffer_output) \
  X(nft_ctx_free) \
  X(nft_ctx_get_error_buffer) \
  X(nft_ctx_get_output_buffer) \
  X(nft_ctx_new) \
  X(nft_ctx_output_set_flags) \
  X(nft_run_cmd_from_buffer)

/// The functions that Cairn uses, with the types that the library's header gives them.
struct cl_nftables {
#define X(name) __typeof__(name) *name;
  CL_NFTABLES_FUNCTIONS(X)
#undef X
};

/// Loads the library and finds its functions. NULL, or why it cannot be had; the text stays valid.
const char *cl_nftables_load(struct cl_nftables *functions);

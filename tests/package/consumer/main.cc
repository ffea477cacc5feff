// Uses the installed headers and libraries the way a stranger would. Exit 0: all of it agrees with the published values.
#include <cstdio>
#include <string>

#include "acp/digest.h"
#include "acp/result.h"

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "failed: %s\n", what);
  ++failures;
}

}  // namespace

int main() {
  // FIPS 180-4, the example "abc".
  expect(acp::to_string(acp::sha256("abc")) ==
             "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
         "the digest of abc");
  const acp::Result<acp::Digest> refused = acp::parse_digest("sha256:AB");
  expect(!refused, "a short digest is refused");
  expect(!refused && refused.error().requirement == "ACP-DIG-1", "by its id");
  return failures == 0 ? 0 : 1;
}

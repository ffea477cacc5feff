#include "tools/cep/npy.h"

#include <charconv>
#include <string>

#include "tools/cli/cli.h"

namespace tools {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr struct {
  cep::Dtype dtype;
  std::string_view name;
} kTypes[] = {{cep::Dtype::kF32, "<f4"},
              {cep::Dtype::kI32, "<i4"},
              {cep::Dtype::kI64, "<i8"},
              {cep::Dtype::kBool, "|b1"}};

acp::Error bad_header(const char* why) { return acp::malformed("CEP-NPY-2", "header", why); }

// What stands behind 'key': in the header's dictionary.
acp::Result<std::string_view> value_of(std::string_view header, std::string_view key) {
  const std::size_t at = header.find("'" + std::string(key) + "'");
  if (at == std::string_view::npos) return bad_header("a key is missing");
  const std::size_t colon = header.find(':', at);
  const std::size_t begin =
      colon == std::string_view::npos ? colon : header.find_first_not_of(' ', colon + 1);
  if (begin == std::string_view::npos) return bad_header("a key without a value");
  return header.substr(begin);
}

acp::Result<cep::Dims> shape_of(std::string_view text) {
  const std::size_t end = text.find(')');
  if (text.empty() || text.front() != '(' || end == std::string_view::npos)
    return bad_header("the shape is no tuple");
  cep::Dims dims;
  std::size_t at = 1;
  while ((at = text.find_first_not_of(" ,", at)) < end) {
    std::int64_t extent = 0;
    const auto [next, failed] = std::from_chars(text.data() + at, text.data() + end, extent);
    if (failed != std::errc{} || extent < 0 || extent > (std::int64_t{1} << 40))
      return bad_header("an extent that is no number");
    dims.push_back(extent);
    at = static_cast<std::size_t>(next - text.data());
  }
  if (dims.size() > ACP_MAX_RANK) return bad_header("more than 8 dimensions");
  return dims;
}

}  // namespace

acp::Result<cep::TensorBytes> parse_npy(std::span<const std::byte> bytes) {
  const std::string text = text_of(bytes);
  if (text.size() < 12 || text.compare(0, kMagic.size(), kMagic) != 0)
    return acp::malformed("CEP-NPY-1", "", "not a .npy file");
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(text[i])}; };
  const bool first_version = byte(6) == 1;
  if (byte(6) < 1 || byte(6) > 3)
    return acp::malformed("CEP-NPY-1", "", "a version of .npy that is not known here");
  const std::size_t begin = first_version ? 10 : 12;
  const std::size_t length = byte(8) | byte(9) << 8 | (first_version ? 0 : byte(10) << 16 | byte(11) << 24);
  if (text.size() < begin + length) return bad_header("cut off");
  const std::string_view header = std::string_view(text).substr(begin, length);
  ACP_TRY(const std::string_view descr, value_of(header, "descr"));
  ACP_TRY(const std::string_view fortran, value_of(header, "fortran_order"));
  ACP_TRY(const std::string_view shape, value_of(header, "shape"));
  cep::TensorBytes tensor;
  for (const auto& row : kTypes) {
    if (descr.substr(1, 3) == row.name) tensor.type.dtype = row.dtype;
  }
  if (tensor.type.dtype == cep::Dtype::kUnknown || fortran.substr(0, 5) != "False") {
    return acp::unsupported("CEP-NPY-3", "header", "only <f4, <i4, <i8 and |b1 in row-major order");
  }
  ACP_TRY(tensor.type.dims, shape_of(shape));
  std::int64_t size = cep::size_bytes(tensor.type.dtype);
  for (const std::int64_t extent : tensor.type.dims) {
    if (__builtin_mul_overflow(size, extent, &size))
      return acp::malformed("CEP-NPY-4", "shape", "larger than any file");
  }
  const std::span<const std::byte> rest = bytes.subspan(begin + length);
  if (static_cast<std::uint64_t>(size) != rest.size()) {
    return acp::malformed(
        "CEP-NPY-4", "",
        "holds " + std::to_string(rest.size()) + " bytes, the shape says " + std::to_string(size));
  }
  tensor.bytes.assign(rest.begin(), rest.end());
  return tensor;
}

std::vector<std::byte> to_npy(const cep::TensorBytes& tensor) {
  std::string header = "{'descr': '";
  for (const auto& row : kTypes) header += row.dtype == tensor.type.dtype ? row.name : "";
  header += "', 'fortran_order': False, 'shape': (";
  for (const std::int64_t extent : tensor.type.dims) header += std::to_string(extent) + ",";
  header += "), }";
  while ((header.size() + 11) % 64 != 0) header += ' ';
  header += '\n';
  std::string text(kMagic);
  text += {1, 0, static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  text += header;
  const auto front = bytes_of(text);
  std::vector<std::byte> out(front.begin(), front.end());
  out.insert(out.end(), tensor.bytes.begin(), tensor.bytes.end());
  return out;
}

}  // namespace tools

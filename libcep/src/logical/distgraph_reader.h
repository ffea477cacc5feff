// Reader: takes the lines of a distgraph file one by one, and gives the document they make.
//
// Life     line() until it refuses or the text ends, then finish() once.
// Spec     CEP 11.4.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"
#include "logical/dialect.h"
#include "logical/intern.h"
#include "logical/json_line.h"
#include "logical/line_ids.h"

namespace cep::logical {

class DistgraphReader {
 public:
  // One line, without its end.
  //
  // Errors   CEP-DIST-1 to CEP-DIST-5, CEP-DIST-7, CEP-DIST-9.
  // Spec     CEP 11.4.
  [[nodiscard]] acp::Status line(std::string_view text);

  [[nodiscard]] std::size_t lines() const { return line_; }  // how many there were

  // Errors   CEP-DIST-2 no header, or other counts than it says; CEP-DIST-6.
  // Spec     CEP 11.4.
  [[nodiscard]] acp::Result<Document> finish();

 private:
  enum class Kind : std::uint8_t { kHeader, kTensor, kNode, kPieceTensor, kPieceNode };
  static constexpr std::size_t kKinds = 5;

  void parse(std::string_view text);
  void read_header(Json object, const Path& path);
  void read_tensor(Json object, const Path& path);
  void read_piece(Json object, const Path& path);
  void read_node(Json object, const Path& path, Kind kind);
  void read_comm(Json object, const Path& path, Node& node, const Translation& what);
  [[nodiscard]] Id read_group(Json value, const Path& path);
  void read_bind(Json object, const Path& path, Id tensor);
  void read_yield(Json object, const Path& path, Id tensor);
  [[nodiscard]] Box read_box(Json value, const Path& path) const;
  void read_tensor_fields(Tensor& tensor, Json shape, Json dtype, const Path& path, Kind kind);
  void read_operands(Json value, const Path& path, Kind kind, std::vector<Id>& ids) const;
  [[nodiscard]] Affine read_affine(Json value, const Path& path) const;
  [[nodiscard]] Id find(Json id, Kind kind, const Path& path) const;
  std::uint32_t add_id(Json id, Kind kind, std::size_t position, const Path& path);
  void check_sequence(Json value, Id place, const Path& path);

  struct Side {  // the reference, or the plan
    Intern<Shape> shapes;
    Intern<Operation> operations;
    std::vector<std::int64_t> last_sequence;  // per place; of the reference: one
  };
  [[nodiscard]] Program& program(Kind kind) {
    return kind == Kind::kTensor || kind == Kind::kNode ? document_.reference.program
                                                        : document_.plan.program;
  }
  [[nodiscard]] Side& side(Kind kind) {
    return kind == Kind::kTensor || kind == Kind::kNode ? reference_ : plan_;
  }

  struct Known {
    Kind kind;
    Id position;
  };

  simdjson::dom::parser parser_;
  std::vector<char> padded_;
  std::size_t line_ = 0;
  int version_ = 0;  // 0: no header yet
  Kind last_kind_ = Kind::kHeader;
  std::uint64_t counts_[kKinds] = {};
  std::int64_t announced_[kKinds] = {-1, -1, -1, -1, -1};
  LineIds<Known> ids_;
  Side reference_, plan_;
  Intern<Affine> places_;
  Intern<Group> groups_;
  Intern<std::int64_t> messages_;
  std::map<std::string, std::size_t> unsupported_;  // what, first line
  std::vector<Id> inputs_, outputs_;                // of the line at hand
  std::vector<const Shape*> input_shapes_, output_shapes_;
  Document document_;
};

}  // namespace cep::logical

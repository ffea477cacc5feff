#include "prover.h"

#include <algorithm>

#include "apart.h"
#include "digits.h"

namespace cep::logical::calculus {
namespace {

// The reals do not ask for an order, bits do.
constexpr std::string_view kOrderNotSaid = "in which order a collective adds is not said";
constexpr std::string_view kTreeOrder =
    "operators take their sums in tree order, rounding each product and sum to the result's element, and "
    "collectives add in tree order over the positions of a group";

}  // namespace

Finding Prover::refuse(const char* id, const Node* node, std::string message) const {
  Finding finding{.id = id, .message = std::move(message)};
  if (node != nullptr) {
    finding.node = static_cast<Id>(node - plan_.program.nodes.data());
    finding.source = node->source;
  }
  return finding;
}

Pieces Prover::pieces(Id tensor) const {
  Pieces list;
  const Fact fact = facts_.of[tensor];
  list.reserve(fact.count);
  for (std::uint32_t t = 0; t < fact.count; ++t) {
    const TermRef term = facts_.terms[fact.first + t];
    const auto from = facts_.begins.begin() + term.begins;
    const auto axes = static_cast<std::ptrdiff_t>(values_.atom(patterns_[term.pattern].atom).extents.size());
    list.push_back({term.pattern, {from, from + axes}});
  }
  return list;
}

std::string Prover::held(Id tensor) const {
  if (facts_.of[tensor].first == Fact::kUnknown) return "nothing known";
  std::string text;
  for (const Piece& piece : pieces(tensor))
    text += (text.empty() ? "" : " + ") + describe(patterns_, linears_, document_, piece);
  return text.empty() ? "zero" : text;
}

Prover::Done Prover::check_type(const Node& node, Id tensor, Id pattern) {
  const Tensor& declared = plan_.program.tensors[tensor];
  const Pattern& made = patterns_[pattern];
  if (values_.atom(made.atom).element != declared.element) {
    return refuse("CEP-EQV-6", &node,
                  "tensor " + std::to_string(declared.source) + " is declared " +
                      std::string(to_string(declared.element)) + ", made " +
                      std::string(to_string(values_.atom(made.atom).element)));
  }
  if (made.shape == plan_.program.shape(tensor)) return std::nullopt;
  std::string shape;
  for (const std::int64_t length : made.shape) shape += (shape.empty() ? "" : ", ") + std::to_string(length);
  return refuse("CEP-EQV-6", &node,
                "tensor " + std::to_string(declared.source) + ": the operator makes the shape [" + shape +
                    "], not the one declared");
}

Prover::Done Prover::store(const Node& node, Id tensor, const Pieces& pieces) {
  Fact& fact = facts_.of[tensor];
  fact.first = static_cast<std::uint32_t>(facts_.terms.size());
  fact.count = static_cast<std::uint32_t>(pieces.size());
  for (const Piece& piece : pieces) {
    facts_.terms.push_back({piece.pattern, static_cast<std::uint32_t>(facts_.begins.size())});
    facts_.begins.insert(facts_.begins.end(), piece.begins.begin(), piece.begins.end());
    if (auto fault = check_type(node, tensor, piece.pattern)) return fault;
  }
  return std::nullopt;
}

std::optional<Piece> Prover::piece_of(Id reference, const Box& box) {
  const View& view = values_.view(reference);
  std::vector<std::int64_t> sizes;
  Piece piece;
  if (!values_.cut(reference, box, linears_, sizes, piece.begins)) return std::nullopt;
  std::vector<std::vector<AxisId>> dims(view.dims.size());
  for (std::size_t d = 0; d < dims.size(); ++d) {
    for (const AxisId axis : view.dims[d]) {
      if (sizes[axis] > 1) dims[d].push_back(axis);
    }
  }
  piece.pattern = patterns_.intern(view.factor, view.atom, std::move(sizes), std::move(dims));
  return piece;
}

Prover::Done Prover::bind_all() {
  facts_.of.assign(plan_.program.tensors.size(), {});
  for (const Bind& bind : plan_.binds) {
    const Tensor& tensor = plan_.program.tensors[bind.tensor];
    const auto fault = [&](const char* id, std::string message) {
      Finding finding = refuse(id, nullptr, std::move(message));
      finding.source = tensor.source;
      return finding;
    };
    if (reference_.program.tensors[bind.reference].role == Role::kValue) {
      return fault("CEP-EQV-7", "bound to a tensor that the reference computes");
    }
    const auto piece = piece_of(bind.reference, bind.box);
    if (!piece)
      return fault("CEP-EQV-9", "bound to a slice that is no box of the axes its tensor is used by");
    const Pattern& pattern = patterns_[piece->pattern];
    if (pattern.shape != plan_.program.shape(bind.tensor) ||
        values_.atom(pattern.atom).element != tensor.element) {
      return fault("CEP-EQV-6", "bound to a slice of another shape or element type");
    }
    facts_.of[bind.tensor] = {static_cast<std::uint32_t>(facts_.terms.size()), 1};
    facts_.terms.push_back({piece->pattern, static_cast<std::uint32_t>(facts_.begins.size())});
    facts_.begins.insert(facts_.begins.end(), piece->begins.begin(), piece->begins.end());
  }
  return std::nullopt;
}

Prover::Done Prover::step(Id id) {
  const Node& node = plan_.program.nodes[id];
  for (const Id operand : plan_.program.inputs(node)) {
    if (facts_.of[operand].first == Fact::kUnknown) {
      return refuse("CEP-EQV-5", &node,
                    "operand " + std::to_string(plan_.program.tensors[operand].source) +
                        " is the result of a communication whose last member calls later");
    }
  }
  if (node.comm == CommKind::kChunk) return chunk(node);
  if (node.comm != CommKind::kNoComm) return communicate(id);
  for (const Id operand : plan_.program.inputs(node)) {
    if (facts_.of[operand].count != 1) return step_sums(node);
  }
  const Terms terms = first_terms(node);
  const Transfer& transfer = transfer_of(node, terms);
  if (Done done; transfer.kind == Transfer::Kind::kRefuse && add_stretched(node, done)) return done;
  switch (transfer.kind) {
    case Transfer::Kind::kApply: return apply(node, transfer, terms);
    case Transfer::Kind::kAddUp: return add_up_operands(node, transfer.factors);
    case Transfer::Kind::kRefuse: break;
  }
  Finding finding = transfer.finding;
  finding.node = id;
  finding.source = node.source;
  finding.message += "; operands:";
  for (const Id operand : plan_.program.inputs(node)) {
    finding.message +=
        " {" + std::to_string(plan_.program.tensors[operand].source) + ": " + held(operand) + "}";
  }
  return finding;
}

Prover::Terms Prover::first_terms(const Node& node) {
  first_terms_.clear();
  for (const Id operand : plan_.program.inputs(node))
    first_terms_.push_back(facts_.terms[facts_.of[operand].first]);
  return first_terms_;
}

const Transfer& Prover::transfer_of(const Node& node, Terms terms) {
  Key key;
  key.words[key.count++] = node.operation;
  for (const TermRef& term : terms) {
    if (std::size_t{key.count} + 2 > Key::kMost) break;
    key.words[key.count++] = term.pattern;
  }
  const auto outputs = plan_.program.outputs(node);
  key.results = static_cast<std::uint8_t>(outputs.size());
  key.words[key.count++] = outputs.empty() ? kNone : plan_.program.tensors[outputs[0]].shape;
  if (plan_.program.inputs(node).size() + 2 > Key::kMost || outputs.size() > 200) {
    transfers_.push_back(derive(node, terms));
    return transfers_.back();
  }
  const auto [at, added] = known_.try_emplace(key, static_cast<Id>(transfers_.size()));
  if (added) {
    Transfer transfer = derive(node, terms);
    at->second = static_cast<Id>(transfers_.size());
    transfers_.push_back(std::move(transfer));
  }
  return transfers_[at->second];
}

// Whether operands that share an axis begin at the same place of it.
Prover::Done Prover::meet(const Node& node, const Transfer& transfer, Terms terms) const {
  const auto in = plan_.program.inputs(node);
  const auto begin = [&](const Transfer::Source& source) -> const Begin& {
    return facts_.begins[terms[source.operand].begins + source.axis];
  };
  for (const auto& equal : transfer.equal) {
    if (begin(equal.a) == begin(equal.b)) continue;
    return refuse("CEP-EQV-3", &node,
                  plan_.program.operations[node.operation].name + ": operands " +
                      std::to_string(equal.a.operand) + " and " + std::to_string(equal.b.operand) +
                      " hold different pieces of one dimension: " + held(in[equal.a.operand]) + "; " +
                      held(in[equal.b.operand]));
  }
  for (const auto& window : transfer.windows) {
    if (begin(window.axis) == window.begin) continue;
    return refuse("CEP-EQV-4", &node,
                  plan_.program.operations[node.operation].name +
                      ": start is not where its operand begins: " + held(in[window.axis.operand]));
  }
  return std::nullopt;
}

std::vector<Begin> Prover::begins_of(const Transfer::Result& result, Terms terms) const {
  std::vector<Begin> begins;
  begins.reserve(result.begins.size());
  for (const auto& [operand, axis] : result.begins)
    begins.push_back(operand == Transfer::kWhole ? Begin{} : facts_.begins[terms[operand].begins + axis]);
  return begins;
}

Prover::Done Prover::apply(const Node& node, const Transfer& transfer, Terms terms) {
  const auto out = plan_.program.outputs(node);
  if (auto fault = meet(node, transfer, terms)) return fault;
  repeat(node, transfer.repeats);
  for (std::size_t r = 0; r < out.size(); ++r) {
    const auto& result = transfer.results[r];
    if (auto fault = check_type(node, out[r], result.pattern)) return fault;
    TermRef term{result.pattern, 0};
    if (result.view_of != Transfer::kWhole) {
      term.begins = terms[result.view_of].begins;
    } else {
      term.begins = static_cast<std::uint32_t>(facts_.begins.size());
      for (const auto& [operand, axis] : result.begins) {
        const Begin at = operand == Transfer::kWhole ? Begin{} : facts_.begins[terms[operand].begins + axis];
        facts_.begins.push_back(at);
      }
    }
    facts_.of[out[r]] = {static_cast<std::uint32_t>(facts_.terms.size()), 1};
    facts_.terms.push_back(term);
  }
  return std::nullopt;
}

Prover::Done Prover::add_up_operands(const Node& node, const std::vector<std::int64_t>& factors) {
  const auto in = plan_.program.inputs(node);
  Pieces sum;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (plan_.program.shape(in[i]) != plan_.program.shape(in[0])) {
      return refuse("CEP-EQV-6", &node, "adds tensors of different shapes");
    }
    for (Piece& piece : pieces(in[i])) {
      const auto pattern = scaled(patterns_, piece.pattern, {factors[i], 1});
      if (!pattern) return refuse("CEP-EQV-2", &node, "a coefficient leaves 64 bits");
      piece.pattern = *pattern;
      sum.push_back(std::move(piece));
    }
  }
  Id named = kNone;
  if (!add_up(patterns_, sum, joins_, named))
    return refuse("CEP-EQV-2", &node, "a coefficient leaves 64 bits");
  repeat(node, named);
  return store(node, plan_.program.outputs(node)[0], sum);
}

// Operands that are several pieces each: views act on every piece, sums take them together, and so does what is linear in them.
Prover::Done Prover::step_sums(const Node& node) {
  const auto in = plan_.program.inputs(node), out = plan_.program.outputs(node);
  const Operation& operation = plan_.program.operations[node.operation];
  const auto meaning = meaning_of(plan_.program, node);
  if (!meaning) return refuse(meaning.error().requirement.c_str(), &node, meaning.error().message);
  if (meaning->kind == Meaning::Kind::kSum) return add_up_operands(node, meaning->factors);
  if (meaning->kind == Meaning::Kind::kForm) return step_form(node);
  for (std::size_t r = 0; r < out.size(); ++r) {
    Pieces list = pieces(in[0]);
    for (Piece& piece : list) {
      const auto pattern = viewed(*meaning, piece.pattern, plan_.program.shape(out[r]));
      if (!pattern)
        return refuse("CEP-EQV-9", &node,
                      operation.name + ": no view of " + describe(patterns_, linears_, document_, piece));
      piece.pattern = *pattern;
    }
    if (auto fault = store(node, out[r], list)) return fault;
  }
  return std::nullopt;
}

std::optional<Id> Prover::viewed(const Meaning& meaning, Id pattern, const Shape& shape) {
  switch (meaning.kind) {
    case Meaning::Kind::kSame: {
      const auto by = fraction(1, meaning.denominator);
      return by ? scaled(patterns_, pattern, *by) : std::nullopt;
    }
    case Meaning::Kind::kTranspose: return transposed(patterns_, pattern, meaning.dim0, meaning.dim1);
    case Meaning::Kind::kReshape: return reshaped(patterns_, pattern, shape);
    case Meaning::Kind::kForm:
    case Meaning::Kind::kSum: break;
  }
  return std::nullopt;
}

LogicalCertificate Prover::certificate() const {
  LogicalCertificate certificate;
  certificate.values.reserve(values_.atoms());
  for (Id id = 0; id < values_.atoms(); ++id) {
    const Atom& atom = values_.atom(id);
    certificate.values.push_back({atom.tensor, atom.coordinates, atom.extents});
    for (const SharePart& part : atom.parts)
      certificate.values.back().parts.push_back({part.operand, part.atom, part.dims});
  }
  certificate.views.reserve(reference_.program.tensors.size());
  for (Id id = 0; id < reference_.program.tensors.size(); ++id) {
    const View& view = values_.view(id);
    certificate.views.push_back({view.atom, view.factor.numerator, view.factor.denominator, view.dims});
  }
  certificate.digits = linears_.radices();
  certificate.linears.reserve(linears_.size());
  for (Id id = 0; id < linears_.size(); ++id) certificate.linears.push_back(linears_.form(id));
  certificate.patterns.reserve(patterns_.size());
  for (Id id = 0; id < patterns_.size(); ++id) {
    const Pattern& pattern = patterns_[id];
    certificate.patterns.push_back(
        {pattern.atom, pattern.factor.numerator, pattern.factor.denominator, pattern.sizes, pattern.dims});
  }
  certificate.begins.reserve(facts_.begins.size());
  for (const Begin& begin : facts_.begins) certificate.begins.push_back({begin.constant, begin.linear});
  certificate.pieces.reserve(facts_.terms.size());
  for (const TermRef& term : facts_.terms) certificate.pieces.push_back({term.pattern, term.begins});
  certificate.facts.reserve(facts_.of.size());
  for (const Fact& fact : facts_.of) certificate.facts.push_back({fact.first, fact.count});
  certificate.repeats = repeats_;
  const bool shares =
      std::ranges::any_of(certificate.values, [](const auto& value) { return !value.parts.empty(); });
  const bool stretched =
      std::ranges::any_of(values_.forms(), [](const auto& form) { return !form.form.adds.empty(); });
  if (shares || stretched) put_apart(reference_, certificate);
  return certificate;
}

EquivalenceVerdict Prover::run() {
  if (auto fault = bind_all()) return NotProved{std::move(*fault)};
  repeats_.assign(plan_.program.nodes.size(), kNone);
  facts_.terms.reserve(plan_.program.tensors.size() + plan_.program.tensors.size() / 4);
  facts_.begins.reserve(plan_.program.tensors.size() * 4);
  for (Id id = 0; id < plan_.program.nodes.size(); ++id) {
    if (auto fault = step(id)) return NotProved{std::move(*fault)};
  }
  if (auto fault = check_outputs()) return NotProved{std::move(*fault)};
  Proved proved;
  finish(proved);
  return proved;
}

void Prover::finish(Proved& proved) const {
  proved.delivered = delivered_;
  proved.patterns = patterns_.size();
  proved.transfers = transfers_.size();
  // Who reads a value that was added up in another order, directly or not.
  const Program& program = reference_.program;
  std::vector<bool> touched(values_.atoms());
  for (const auto& [atom, pieces] : joins_) {
    touched[atom] = true;
    const Id tensor = values_.atom(atom).tensor;
    std::string name = tensor < reference_.names.size() ? reference_.names[tensor] : std::string();
    for (const Node& node : program.nodes) {
      const auto out = program.outputs(node);
      if (std::ranges::find(out, tensor) == out.end()) continue;
      const Operation& operation = program.operations[node.operation];
      if (!name.empty()) name.insert(0, " ");
      name.insert(0, operation.backward ? " (backward)" : "");
      name.insert(0, operation.name);
    }
    proved.reassociations.push_back({program.tensors[tensor].source, std::move(name), pieces});
  }
  std::vector<bool> behind(program.tensors.size());
  for (Id id = 0; id < program.tensors.size(); ++id) behind[id] = touched[values_.view(id).atom];
  std::vector<const Form*> form_of(program.nodes.size(), nullptr);
  for (const ReferenceForm& form : values_.forms()) form_of[form.node] = &form.form;
  for (std::size_t n = 0; n < program.nodes.size(); ++n) {
    const Node& node = program.nodes[n];
    const auto in = program.inputs(node);
    const bool reads = std::ranges::any_of(in, [&](Id id) { return behind[id]; });
    for (const Id id : program.outputs(node)) behind[id] = behind[id] || reads;
    if (form_of[n] == nullptr) continue;
    if (form_of[n]->discontinuous && reads) {
      proved.discontinuous.push_back(program.operations[node.operation].name + " (reference node " +
                                     std::to_string(node.source) + ")");
    }
    const std::string assumption(form_of[n]->assumption);
    if (!assumption.empty() &&
        std::ranges::find(proved.assumptions, assumption) == proved.assumptions.end()) {
      proved.assumptions.push_back(assumption);
    }
  }
  proved.assumptions.emplace_back(
      "every rank's kernels compute their operators, and communication delivers what was sent");
  const bool inputs =
      std::ranges::any_of(program.tensors, [](const Tensor& t) { return t.role == Role::kInput; });
  if (inputs)
    proved.assumptions.emplace_back("every rank is given the slices of the inputs that it is bound to");
  const bool buffers =
      std::ranges::any_of(program.tensors, [](const Tensor& t) { return t.role == Role::kBuffer; });
  if (buffers) proved.assumptions.emplace_back("buffers hold on every rank what the reference's hold");
  if (!proved.reassociations.empty()) proved.assumptions.emplace_back(kOrderNotSaid);
}

}  // namespace cep::logical::calculus

namespace cep::logical {

Proved in_tree_order(Proved proved) {
  std::erase(proved.assumptions, calculus::kOrderNotSaid);
  proved.assumptions.emplace_back(calculus::kTreeOrder);
  proved.discontinuous.clear();
  return proved;
}

namespace {

NotProved unreadable(const acp::Error& error) {
  return {
      {.id = error.requirement, .message = (error.path.empty() ? "" : error.path + ": ") + error.message}};
}

}  // namespace

struct Proof::Run {
  Run(const Document& document, calculus::ReferenceValues read, calculus::Radices radices)
      : values(std::move(read)), prover(document, values, std::move(radices)) {}
  calculus::ReferenceValues values;
  calculus::Prover prover;
};

Proof::Proof(const Document& document) {
  auto values = calculus::ReferenceValues::read(document.reference);
  if (!values) {
    verdict_ = unreadable(values.error());
    return;
  }
  run_ = std::make_unique<Run>(document, std::move(*values), calculus::Radices{});
  verdict_ = run_->prover.run();
  if (std::holds_alternative<Proved>(verdict_)) return;
  // What moves through two axes at once may be followed by a digit for each.
  auto radices = calculus::radices_of(document.plan, run_->values);
  auto again = calculus::ReferenceValues::read(document.reference);
  if (radices.empty() || !again) return;
  run_ = std::make_unique<Run>(document, std::move(*again), std::move(radices));
  verdict_ = run_->prover.run();
}
Proof::Proof(Proof&&) noexcept = default;
Proof& Proof::operator=(Proof&&) noexcept = default;
Proof::~Proof() = default;

LogicalCertificate Proof::certificate(const acp::Digest& document_digest) const {
  ACP_ASSERT(std::holds_alternative<Proved>(verdict_));
  LogicalCertificate certificate = run_->prover.certificate();
  certificate.document = document_digest;
  return certificate;
}

EquivalenceVerdict prove(const Document& document) { return Proof(document).verdict(); }

std::variant<Certified, NotProved> certify(const Document& document, const acp::Digest& document_digest) {
  const Proof proof(document);
  if (const auto* no = std::get_if<NotProved>(&proof.verdict())) return *no;
  return Certified{std::get<Proved>(proof.verdict()), proof.certificate(document_digest)};
}

}  // namespace cep::logical

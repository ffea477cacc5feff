// CEP-VER-5, meaning: every output box equals the workload's.
#include "verify/meaning.h"

#include <algorithm>

#include "verify/parts.h"

namespace cep {

namespace {

bool is_whole(const Fact& fact) { return fact.part.kind == Part::Kind::kWhole; }

class Runner {
 public:
  Runner(const Analysis& analysis, const Schedule& schedule, const std::vector<bool>& exact, bool believe)
      : a_(analysis),
        w_(analysis.workload),
        p_(analysis.plan),
        s_(schedule),
        exact_(exact),
        believe_(believe),
        store_(analysis.plan) {
    out_.used.resize(p_.steps.size());
    out_.made.resize(p_.steps.size());
    for (NodeId node = 0; node < w_.nodes.size(); ++node) {
      for (const TensorId tensor : w_.nodes[node].outputs) maker_[tensor] = node;
    }
  }

  AbstractRun run() {
    for (const Slice& input : p_.inputs) {
      // The host writes inputs and weights; a binding of a computed tensor states nothing.
      const TensorKind kind = w_.tensors[input.tensor].kind;
      if (kind != TensorKind::kValue) store_.add({input, {}, Grade::kBitwise, kNoId});
    }
    for (const StepId step : s_.order) {
      at_ = step;
      std::visit([&](const auto& what) { on(what); }, p_.steps[step].what);
    }
    outputs();
    out_.facts = std::move(store_).take();
    return std::move(out_);
  }

 private:
  const Step& step() const { return p_.steps[at_]; }
  void add(const char* id, const std::string& field, const std::string& message, bool certain) {
    if (believe_) return;
    out_.findings.push_back(
        finding(Condition::kMeaning, id, step_path(at_) + field, step().name, message, certain));
  }
  std::string name(TensorId tensor, const Box& box) const { return w_.tensors[tensor].name + to_string(box); }

  // Uses the facts that show `view` to hold `box` of `tensor`; the lowest of their grades, or a finding.
  template <typename Accept>
  Grade need(const char* id, const std::string& field, TensorId tensor, const Box& box, const View& view,
             const char* what, Accept accept, std::vector<FactId>* used = nullptr) {
    const FactStore::Cover cover = store_.cover(tensor, box, view, accept);
    Grade grade = Grade::kBitwise;
    for (const FactId fact : cover.facts) {
      grade = std::min(grade, store_.fact(fact).grade);
      out_.used[at_].push_back(fact);
    }
    if (used != nullptr) *used = cover.facts;
    if (!cover.complete) {
      add(id, field,
          "needed: " + std::string(what) + name(tensor, cover.missing) +
              "; found: " + store_.describe(w_, view),
          false);
    }
    return grade;
  }

  void make(const Slice& slice, Part part, Grade grade) {
    out_.made[at_].push_back(store_.add({slice, std::move(part), grade, at_}));
  }

  void kill_writes() {
    for (const Footprint& write : a_.steps[at_].writes) store_.kill(write);
  }

  void on(const Signal&) {}
  void on(const Wait&) {}

  void on(const Compute& compute) {
    const StepInfo& info = a_.steps[at_];
    Grade grade = exact_[at_] ? Grade::kBitwise : Grade::kReal;
    if (!exact_[at_]) {
      out_.lowered.push_back(
          {at_, compute.node, false, "the device's contract does not keep the canonical numerics"});
    }
    for (std::size_t i = 0; i < compute.inputs.size(); ++i) {
      const Slice& input = compute.inputs[i];
      const std::string field = "." + item_path("inputs", i);
      Box box = info.needed[i];
      if (box.empty()) continue;
      if (!input.box.contains(box)) {
        // What a loaded coordinate reaches is only bounded, so a box that is too small may still do.
        const bool loads = std::any_of(info.region->indices.begin(), info.region->indices.end(),
                                       [](const acp_index_node& node) { return node.op == ACP_IX_LOAD; });
        add("CEP-MEAN-1", field,
            "the program reads " + name(input.tensor, box) + ", the step gives " + to_string(input.box),
            !loads);
        box = intersect(box, input.box);
        if (box.empty()) continue;
      }
      grade = std::min(grade,
                       need("CEP-MEAN-2", field, input.tensor, box, sub_view(p_, input, box), "", is_whole));
    }
    std::vector<Part> parts(compute.outputs.size());
    const std::optional<SplitReduction>& split = a_.splits[compute.node];
    const KRange whole{0, split ? split->length : 0};
    const KRange k = compute.k.value_or(whole);
    if (split && (k != whole || compute.seed)) {
      parts[0] = partial(compute, Reduction(*split), k, grade);
    }
    kill_writes();
    for (std::size_t i = 0; i < compute.outputs.size(); ++i) make(compute.outputs[i], parts[i], grade);
  }

  // The state a compute step leaves: its own range, or the seed's state continued.
  Part partial(const Compute& compute, const Reduction& reduction, KRange k, Grade& grade) {
    const Slice& output = compute.outputs[0];
    Part part = reduction.start(k);
    if (compute.seed) {
      Part seed;
      if (!seed_part(compute, reduction, grade, seed)) {
        // What the step claims to continue from; used when claims are believed, and to go on after a finding.
        seed = reduction.start({0, k.begin});
      }
      if (const Refusal refusal = reduction.append(seed, k, part)) {
        add("CEP-MEAN-3", ".k", "the seed holds " + to_string(seed) + ": " + *refusal, true);
        part = reduction.start({0, k.end});
      }
    }
    finish(reduction, output, compute.node, part, grade);
    return part;
  }

  bool seed_part(const Compute& compute, const Reduction& reduction, Grade& grade, Part& seed) {
    const Slice& output = compute.outputs[0];
    // A constant all over the view.
    for (const Sighting& seen : store_.sightings(*compute.seed)) {
      const Fact& fact = store_.fact(seen.fact);
      if (fact.part.kind != Part::Kind::kConstant || seen.at != Box::whole(compute.seed->dims)) continue;
      seed = reduction.from_constant(fact.part.bits);
      grade = std::min(grade, fact.grade);
      out_.used[at_].push_back(seen.fact);
      if (seed.kind == Part::Kind::kSum) return true;
      add("CEP-MEAN-3", ".seed", "a constant that is no start of this reduction", false);
      return false;
    }
    std::vector<FactId> used;
    const std::size_t before = out_.findings.size();
    const Grade seed_grade = need(
        "CEP-MEAN-3", ".seed", output.tensor, output.box, *compute.seed, "a partial sum of ",
        [](const Fact& fact) { return fact.part.kind == Part::Kind::kSum; }, &used);
    if (used.empty() || out_.findings.size() != before) return false;
    seed = store_.fact(used.front()).part;
    for (const FactId id : used) {
      if (store_.fact(id).part == seed) continue;
      add("CEP-MEAN-3", ".seed", "its elements hold different parts of the reduction", false);
      return false;
    }
    grade = std::min(grade, seed_grade);
    return true;
  }

  // A part that has become the whole reduction is a whole tensor; one out of canonical order lowers the grade.
  void finish(const Reduction& reduction, const Slice& output, NodeId node, Part& part, Grade& grade) {
    if (!reduction.is_whole(part)) return;
    if (!reduction.is_canonical(part)) {
      grade = Grade::kReal;
      out_.lowered.push_back({at_, node, true,
                              "the reduction of \"" + w_.nodes[node].name + "\" into " +
                                  name(output.tensor, output.box) + " is not summed in its canonical order"});
    }
    part = Part{};
  }

  void on(const Copy& copy) {
    const std::vector<Sighting> seen = store_.sightings(copy.source);
    const Grade moved = grade_of_move();
    std::vector<Fact> carried;
    for (const Sighting& sighting : seen) {
      Fact fact = store_.fact(sighting.fact);
      out_.used[at_].push_back(sighting.fact);
      const Slice target{fact.slice.tensor, Box::whole(copy.target.dims), copy.target};
      fact.slice = {fact.slice.tensor, sighting.box, sub_view(p_, target, sighting.at)};
      fact.grade = std::min(fact.grade, moved);
      carried.push_back(std::move(fact));
    }
    kill_writes();
    for (const Fact& fact : carried) make(fact.slice, fact.part, fact.grade);
  }

  void on(const Fill& fill) {
    kill_writes();
    Part part;
    part.kind = Part::Kind::kConstant;
    part.bits = fill.bits;
    make({kNoId, Box::whole(fill.target.dims), fill.target}, part, grade_of_move());
  }

  // A device whose contract is not the canonical numerics promises nothing about the bits it moves, either.
  Grade grade_of_move() {
    if (exact_[at_]) return Grade::kBitwise;
    out_.lowered.push_back({at_, kNoId, false, "the device's contract does not keep the canonical numerics"});
    return Grade::kReal;
  }

  // The partial sum that all of a view holds, if there is one.
  const Fact* partial_in(const View& view) {
    for (const Sighting& seen : store_.sightings(view)) {
      const Fact& fact = store_.fact(seen.fact);
      if (fact.part.kind != Part::Kind::kSum || seen.at != Box::whole(view.dims)) continue;
      out_.used[at_].push_back(seen.fact);
      joined_box_ = seen.box;
      return &fact;
    }
    return nullptr;
  }

  void on(const Combine& combine) {
    std::vector<Part> parts;
    Grade grade = exact_[at_] ? Grade::kBitwise : Grade::kReal;
    TensorId tensor = kNoId;
    Box box;
    for (std::size_t i = 0; i < combine.inputs.size(); ++i) {
      const std::string field = "." + item_path("inputs", i);
      const Fact* fact = partial_in(combine.inputs[i]);
      if (fact == nullptr) {
        add("CEP-MEAN-4", field, "needed: a partial sum; found: " + store_.describe(w_, combine.inputs[i]),
            false);
        return kill_writes();
      }
      if (i > 0 && (fact->slice.tensor != tensor || joined_box_ != box)) {
        add("CEP-MEAN-4", field,
            "a part of " + name(fact->slice.tensor, joined_box_) + ", joined with parts of " +
                name(tensor, box),
            true);
        return kill_writes();
      }
      tensor = fact->slice.tensor;
      box = joined_box_;
      parts.push_back(fact->part);
      grade = std::min(grade, fact->grade);
    }
    const NodeId node = maker_.at(tensor);
    const Reduction reduction(*a_.splits[node]);
    Part part;
    if (!join_all(combine, reduction, std::move(parts), part)) return kill_writes();
    if (!exact_[at_])
      out_.lowered.push_back(
          {at_, node, false, "the device's contract does not keep the canonical numerics"});
    const Slice target{tensor, box, combine.target};
    finish(reduction, target, node, part, grade);
    kill_writes();
    make(target, part, grade);
  }

  bool join_all(const Combine& combine, const Reduction& reduction, std::vector<Part> parts, Part& out) {
    if (!reduction.joins_with(combine.op)) {
      add("CEP-MEAN-4", ".op", "not the operation of this reduction", true);
      return false;
    }
    const auto join = [&](const Part& a, const Part& b, Part& joined) {
      const Refusal refusal = reduction.join(a, b, joined);
      if (refusal) add("CEP-MEAN-4", ".inputs", *refusal, true);
      return !refusal;
    };
    while (parts.size() > 1) {
      std::vector<Part> level;
      const std::size_t pairs = combine.shape == CombineShape::kTree ? parts.size() / 2 : 1;
      for (std::size_t t = 0; t < pairs; ++t) {
        Part joined;
        if (!join(parts[2 * t], parts[2 * t + 1], joined)) return false;
        level.push_back(std::move(joined));
      }
      level.insert(level.end(), parts.begin() + static_cast<std::ptrdiff_t>(2 * pairs), parts.end());
      parts = std::move(level);
    }
    out = parts.front();
    return true;
  }

  void outputs() {
    for (std::size_t i = 0; i < p_.outputs.size(); ++i) {
      const Slice& output = p_.outputs[i];
      const FactStore::Cover cover = store_.cover(output.tensor, output.box, output.view, is_whole);
      Grade grade = Grade::kBitwise;
      for (const FactId fact : cover.facts) {
        grade = std::min(grade, store_.fact(fact).grade);
        out_.output_facts.push_back(fact);
      }
      out_.output_grades.push_back(grade);
      if (cover.complete || believe_) continue;
      // The step to look at is the one that left what is there.
      const std::vector<Sighting> seen = store_.sightings(output.view);
      const StepId last = seen.empty() ? kNoId : store_.fact(seen.back().fact).step;
      out_.findings.push_back(finding(
          Condition::kMeaning, "CEP-MEAN-5", item_path("outputs", i),
          last == kNoId ? "" : p_.steps[last].name,
          "needed: " + name(output.tensor, cover.missing) + "; found: " + store_.describe(w_, output.view),
          false));
    }
  }

  const Analysis& a_;
  const Workload& w_;
  const Plan& p_;
  const Schedule& s_;
  const std::vector<bool>& exact_;
  const bool believe_;
  FactStore store_;
  AbstractRun out_;
  std::map<TensorId, NodeId> maker_;
  StepId at_ = 0;
  Box joined_box_;
};

}  // namespace

AbstractRun run_abstractly(const Analysis& analysis, const Schedule& schedule, const std::vector<bool>& exact,
                           bool believe) {
  return Runner(analysis, schedule, exact, believe).run();
}

}  // namespace cep

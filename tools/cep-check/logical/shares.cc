// Shares of values: that those of the certificate are what they are called.
#include <algorithm>

#include "tools/cep-check/logical/reference.h"

namespace cep_check::logical {

namespace {

constexpr std::size_t kMostWeight = 64, kMostLayouts = 64;

}  // namespace

void Reference::check_share(Id id) {
  const auto& share = value(id);
  const auto no = [&](const char* what) { refuse("CEP-LCHK-3", item("values", id), what); };
  const auto [node, output] = maker_[share.tensor];
  if (node == kNone || this->form(node) == nullptr || !defines(share.tensor))
    no("a share of what no operator with a form makes first");
  const lp::Form& form = forms_[node];
  const auto& base = value(views_[share.tensor].value);
  const auto in = program_.inputs(program_.nodes[node]);
  std::vector<std::int64_t> extents = base.extents;
  ShareKey key{share.tensor, {}, {}};
  if (!form.adds.empty() && share.parts.size() != 1) no("of a sum, what one operand contributes");
  for (std::size_t p = 0; p < share.parts.size(); ++p) {
    const Part& part = share.parts[p];
    if (part.operand >= in.size() || (p > 0 && part.operand <= share.parts[p - 1].operand))
      no("no operand, or not in their order");
    if (part.value >= id || !defined_[part.value]) no("a part that is no earlier value");
    if (form.adds.empty() && (form.results[output].linear_in >> part.operand & 1) == 0)
      no("of an operator that is not linear in the operand");
    const auto& its = value(part.value);
    weights_[id] += weights_[part.value];
    if (element(part.value) != program_.tensors[in[part.operand]].element)
      no("a part of another element than the operand");
    Piece laid;
    if (!whole(laid, part.value, part.dims) || !alike(laid, views_[in[part.operand]]))
      no("a part that is cut otherwise than the operand");
    key.taken.emplace_back(part.operand, part.value);
    key.laid.push_back(laid);
    extents.insert(extents.end(), its.extents.begin() + its.coordinates, its.extents.end());
  }
  bounded(weights_[id], kMostWeight, "a share made of more than 64 values");
  if (share.coordinates != base.coordinates || share.extents != extents)
    no("other axes than those of the value, and then of the parts");
  keys_[id] = &shares_.emplace(std::move(key), id).first->first;
  defined_[id] = true;
}

std::vector<Id> Reference::shares_of(Id tensor, const Taken& taken) const {
  std::vector<Id> found;
  for (auto at = shares_.lower_bound({tensor, taken, {}});
       at != shares_.end() && at->first.tensor == tensor && at->first.taken == taken; ++at) {
    found.push_back(at->second);
    bounded(found.size(), kMostLayouts, "a share that is laid out in more than 64 ways");
  }
  return found;
}

}  // namespace cep_check::logical

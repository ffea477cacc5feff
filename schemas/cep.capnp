# CEP on the wire: workloads, plans and certificates.
#
# A message of these structs travels in canonical form (one segment, no segment table) behind a 16-byte frame: eight bytes that
# name the kind ("cep-wkl1", "cep-pln1", "cep-crt1"), then the number of 8-byte words that follow, little-endian. The digest of
# a value is the SHA-256 of the whole frame, so it is also the digest of the file.
#
# Conventions, true everywhere below:
#   - An id is a position in a list of the same message. 0xffffffff stands for "none" where a comment says so.
#   - An empty list or text is a null pointer, an absent optional struct is a null pointer.
#   - Value 0 of every enum means "unknown" and is refused, save for Order, where it means "none".
#   - Floating-point numbers travel as their bits, so that NaNs and both zeros survive.
#   - Boxes are half-open: lo[d] <= i < hi[d].
#
# How this file may change: schemas/README.md. Limits and refusals: CEP 9 (wire) of the specification.
@0xa60ba3342cf46ecf;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cep::schema");

# ---- Shared ----------------------------------------------------------------------------------------------------------

enum Dtype {
  unknown @0;
  f32 @1;      # IEEE 754 binary32
  i32 @2;
  i64 @3;
  bool @4;     # one byte, 0 or 1
}

struct TensorType {
  dtype @0 :Dtype;
  dims @1 :List(Int64);
}

struct Box {
  lo @0 :List(Int64);
  hi @1 :List(Int64);
}

# SHA-256: exactly 32 bytes.
using Digest = Data;

# ---- Workload: what is to be computed ----------------------------------------------------------------------------------

struct Workload {
  name @0 :Text;
  tensors @1 :List(Tensor);
  nodes @2 :List(Node);        # in an order in which every tensor is made before it is used
  inputs @3 :List(UInt32);     # tensors; of a sub-graph: its formal inputs
  outputs @4 :List(UInt32);    # tensors
}

enum TensorKind {
  unknown @0;
  input @1;     # given at every run
  weight @2;    # given once, known by the digest of its bytes
  constant @3;  # small integer contents, here
  value @4;     # the result of a node
}

struct Tensor {
  name @0 :Text;
  kind @1 :TensorKind;
  type @2 :TensorType;
  constant @3 :List(Int64);  # of a constant: its elements, row-major
  digest @4 :Digest;         # of a weight: SHA-256 of its little-endian row-major bytes; null: all zero
}

enum OrderKind {
  none @0;          # the operator's default
  chain @1;
  blockedTree @2;
  blockedIndex @3;
  lanes32 @4;
  any @5;
}

struct Node {
  name @0 :Text;
  domain @1 :Text;             # "ai.onnx"
  op @2 :Text;                 # "MatMul"
  inputs @3 :List(UInt32);     # tensors; none: an optional input left out
  outputs @4 :List(UInt32);    # tensors
  attributes @5 :List(Attribute);
  order @6 :OrderKind;         # canonical order of its reduction
  orderBlock @7 :UInt32;       # block length of the blocked orders, else 0
  body @8 :List(Workload);     # none or one: the sub-graph of a control-flow operator
}

struct Attribute {
  name @0 :Text;
  value :union {
    int @1 :Int64;
    float @2 :UInt32;          # bits of a binary32
    string @3 :Data;
    ints @4 :List(Int64);
    floats @5 :List(UInt32);   # bits
  }
}

# ---- Plan: how a workload is carried across devices ----------------------------------------------------------------------

struct Plan {
  name @0 :Text;
  workload @1 :Digest;
  guarantee @2 :Grade;           # what the author asks to be proved
  reassociated @3 :List(UInt32); # nodes whose reduction may be summed in another order
  devices @4 :List(Device);
  arenas @5 :List(Arena);
  buffers @6 :List(Buffer);
  queues @7 :List(Queue);
  timelines @8 :List(Timeline);
  inputs @9 :List(Slice);        # what the host writes before the steps run
  outputs @10 :List(Slice);      # what the host reads after all queues are done
  steps @11 :List(Step);         # the order of a queue is the order here
}

enum Grade {
  unknown @0;
  real @1;      # equal over the real numbers
  bitwise @2;   # the same bits
}

struct Device {
  name @0 :Text;
  shim @1 :Text;                 # hint: short name of the shim that drives it
  document @2 :Digest;           # of the ACP document the plan relies on
}

struct Arena {
  name @0 :Text;
  device @1 :UInt32;
  sizeBytes @2 :Int64;
}

# A dense row-major tensor at a fixed place of an arena.
struct Buffer {
  name @0 :Text;
  arena @1 :UInt32;
  offsetBytes @2 :Int64;
  type @3 :TensorType;
}

struct Queue {
  name @0 :Text;
  device @1 :UInt32;
}

struct Timeline {
  name @0 :Text;
  signaller @1 :UInt32;          # the one queue that may signal it
}

# Element (i0, i1, ...) lies offsetBytes + sum(i[d] * strides[d]) * element size past the start of the buffer.
struct View {
  buffer @0 :UInt32;
  offsetBytes @1 :Int64;
  dims @2 :List(Int64);
  strides @3 :List(Int64);       # in elements; as many as dims
}

# A view, and the box of a tensor of the workload it is claimed to hold.
struct Slice {
  tensor @0 :UInt32;             # none: a constant (in certificates only)
  box @1 :Box;
  view @2 :View;
}

# begin <= k < end, of a reduction's row-major linear domain.
struct KRange {
  begin @0 :Int64;
  end @1 :Int64;
}

struct Step {
  name @0 :Text;
  queue @1 :UInt32;
  what :union {
    compute @2 :Compute;
    copy @3 :Copy;
    combine @4 :Combine;
    fill @5 :Fill;
    signal @6 :Point;
    wait @7 :Point;
  }
}

# Runs a node, or the part of it that yields the output boxes (and, of a reduction, the k range).
struct Compute {
  node @0 :UInt32;
  inputs @1 :List(Slice);        # what the node's program reads, in order
  outputs @2 :List(Slice);
  k @3 :KRange;                  # absent: the whole reduction
  seed @4 :View;                 # absent, or a partial accumulator of the same output box to continue from
}

struct Copy {
  source @0 :View;
  target @1 :View;
}

enum CombineOp {
  unknown @0;
  add @1;
  max @2;
  min @3;
}

enum CombineShape {
  unknown @0;
  fold @1;      # ((p0 + p1) + p2) + ...
  tree @2;      # pairs (2t, 2t+1) by levels, an odd last one passes up
}

struct Combine {
  op @0 :CombineOp;
  shape @1 :CombineShape;
  inputs @2 :List(View);
  target @3 :View;
}

struct Fill {
  target @0 :View;
  bits @1 :UInt64;               # of one element
}

struct Point {
  timeline @0 :UInt32;
  value @1 :UInt64;
}

# ---- Certificate: why a plan was proved ------------------------------------------------------------------------------------

struct Certificate {
  workload @0 :Digest;
  plan @1 :Digest;
  rules @2 :Digest;                   # of the rule table the proof rests on
  documents @3 :List(Digest);         # one per device of the plan, in its order
  guarantee @4 :Grade;                # the lowest of the outputs
  outputs @5 :List(OutputGuarantee);
  assumptions @6 :List(Assumption);
  loweredBy @7 :List(Text);           # what kept the guarantee below bitwise
  order @8 :List(UInt32);             # steps, in the order the abstract run took them
  facts @9 :List(Fact);
  used @10 :List(List(UInt32));       # per step of the plan: positions in facts
  made @11 :List(List(UInt32));       # per step of the plan: positions in facts
  outputFacts @12 :List(UInt32);      # per output of the plan: a position in facts
}

struct OutputGuarantee {
  tensor @0 :Text;
  grade @1 :Grade;
}

# Device `device` meets `contract`, as said by the document of this digest.
struct Assumption {
  device @0 :Text;
  document @1 :Digest;
  contract @2 :Text;
}

# After its step, the view holds this part of the box of the tensor.
struct Fact {
  slice @0 :Slice;
  kind @1 :PartKind;
  state @2 :SumState;
  hasInit @3 :Bool;                   # of a sum: the reduction's initial value is in it
  ranges @4 :List(KRange);            # of a sum: disjoint, ascending
  span @5 :Int64;                     # of a tree node: how many blocks it stands for
  position @6 :Int64;                 # of a tree node; of a prefix: how far it has come
  bits @7 :UInt64;                    # of a constant: the bits of every element
  grade @8 :Grade;
  step @9 :UInt32;                    # the step that made it; none: present at the start
}

enum PartKind {
  unknown @0;
  whole @1;       # the tensor's value
  sum @2;         # its reduction over the ranges only
  constant @3;    # every element has the same bits
}

# What is known about the bits of a sum. Written for every part; unordered for those that are no sum.
enum SumState {
  unknown @0;
  unordered @1;   # nothing
  prefix @2;      # the state of the chain
  treeNode @3;    # one node of the blocked tree
}

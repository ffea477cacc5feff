# Logical plans on the wire: a reference program, and which rank computes and exchanges which piece of it.
#
# A document travels as CEP 9 says of plans: canonical form behind a 16-byte frame, kind "cep-lgc1"; its digest is that of the frame.
#
# Conventions are those of cep.capnp: an id is a position in a list of the same message, 0xffffffff is "none" where a comment says so; empty
# is null; value 0 of an enum is refused, save for CommKind, where it means that the node does not communicate.
#
# How this file may change: schemas/README.md. Limits and refusals: CEP 9 and CEP 11 of the specification.
@0x805023329a02ecba;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cep::logical::schema");

struct Document {
  reference @0 :Program;
  names @1 :List(Text);        # one a tensor of the reference, or null where none has a name
  outputs @2 :List(UInt32);    # tensors of the reference
  plan @3 :Plan;
}

struct Plan {
  name @0 :Text;
  variables @1 :List(Variable);
  places @2 :List(Affine);
  groups @3 :List(Group);
  program @4 :Program;
  binds @5 :List(Claim);
  yields @6 :List(Claim);
  ranks @7 :Int64;
}

struct Variable {
  name @0 :Text;
  size @1 :Int64;
}

# constant + sum of byVariable[v] times variable v; the last coefficient is not zero.
struct Affine {
  constant @0 :Int64;
  byVariable @1 :List(Int64);
}

struct Group {
  ranks @0 :List(Affine);
  variable @1 :UInt32 = 0xffffffff;  # or all its points; none: the ranks above
}

# A bind, or a yield.
struct Claim {
  tensor @0 :UInt32;           # of the plan
  reference @1 :UInt32;        # tensor of the reference
  box @2 :List(Interval);
  part @3 :Affine;             # of a yield; null: 0
  parts @4 :Int64 = 1;         # of a yield
}

struct Interval {
  begin @0 :Int64;
  size @1 :Int64;
  beginByVariable @2 :List(Int64);
}

struct Program {
  shapes @0 :List(List(Int64));
  operations @1 :List(Operation);
  tensors @2 :List(Tensor);
  nodes @3 :List(Node);
  operands @4 :List(UInt32);   # tensors: of each node in turn, what it takes and then what it gives
}

struct Operation {
  name @0 :Text;
  backward @1 :Bool;
  attributes @2 :List(Attribute);
}

struct Attribute {
  name @0 :Text;
  value :union {
    integer @1 :Int64;
    real @2 :UInt64;           # bits of a binary64
    text @3 :Text;
    integers @4 :List(Int64);
    affine @5 :Affine;
  }
}

enum Element {
  unknown @0;
  f32 @1;
  f64 @2;
  f16 @3;
  bf16 @4;
  c64 @5;
  i64 @6;
  i32 @7;
  bool @8;
}

enum Role {
  unknown @0;
  input @1;
  parameter @2;
  buffer @3;
  seed @4;
  value @5;
}

struct Tensor {
  shape @0 :UInt32;
  element @1 :Element;
  role @2 :Role;
  place @3 :UInt32 = 0xffffffff;  # none: of the reference
  source @4 :UInt32;
}

enum CommKind {
  none @0;
  allReduce @1;
  allGather @2;
  reduceScatter @3;
  allToAll @4;
  chunk @5;
  send @6;
  receive @7;
  broadcast @8;
}

struct Node {
  operation @0 :UInt32;
  place @1 :UInt32 = 0xffffffff;
  inputs @2 :UInt32;           # how many operands
  outputs @3 :UInt32;
  microBatch @4 :Int32 = -1;
  comm @5 :CommKind;
  dim @6 :UInt8;
  otherDim @7 :UInt8;
  root @8 :UInt16;             # position in the group
  group @9 :UInt32 = 0xffffffff;
  message @10 :UInt32 = 0xffffffff;
  source @11 :UInt32;
}

# ---- Certificate: what the tensors of a plan hold, and what its lines repeat -------------------------------------------------

# A frame of its own, kind "cep-lgt1".
struct Certificate {
  document @0 :Data;               # SHA-256 of the document's frame
  values @1 :List(Value);
  views @2 :List(View);            # one a tensor of the reference
  linears @3 :List(List(Int64));   # coefficient per digit; the first is empty
  patterns @4 :List(Pattern);
  # Begins, pieces and facts are many: a list for each of their fields.
  beginConstants @5 :List(Int64);
  beginLinears @6 :List(UInt32);
  piecePatterns @7 :List(UInt32);
  pieceBegins @8 :List(UInt32);    # the first, in the lists above
  factPieces @9 :List(UInt32);     # the first, in the lists above; one a tensor of the plan
  factCounts @10 :List(UInt32);
  repeats @11 :List(UInt32);       # one a line of the plan: a node of the reference, or none
  digits @12 :List(List(Int64));   # radices per variable, from the outermost; none: a variable is its only digit
}

struct Value {
  tensor @0 :UInt32;               # of the reference
  coordinates @1 :UInt32;
  extents @2 :List(Int64);
  parts @3 :List(Part);            # of a share: what stands in the place of operands
  apart @4 :UInt32 = 0xffffffff;   # the operand by which it comes apart into earlier values; none: by no operand
}

struct Part {
  operand @0 :UInt32;
  value @1 :UInt32;                # an earlier one
  dims @2 :List(List(UInt16));     # axes, from the outermost
}

struct View {
  value @0 :UInt32;
  numerator @1 :Int64 = 1;
  denominator @2 :Int64 = 1;
  dims @3 :List(List(UInt16));     # axes, from the outermost
}

struct Pattern {
  value @0 :UInt32;
  numerator @1 :Int64 = 1;
  denominator @2 :Int64 = 1;
  sizes @3 :List(Int64);
  dims @4 :List(List(UInt16));
}

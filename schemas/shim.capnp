# A shim in another process: the vendor ABI of acp/shim.h as Cap'n Proto RPC.
#
# A host process loads one shim and serves one Shim over a Unix socket that it inherits as file descriptor 3. A crash or a hang of the
# shim is a broken connection or a late answer, and costs the caller nothing else. What each call means, and which refusals it may
# give, is said once, in acp/shim.h and ACP 6; this file says only how a call travels.
#
# Conventions, true everywhere below:
#   - Every call that can be refused returns a Status; its other results mean something only when status.family is ok.
#   - A slot the shim leaves null answers family unsupported, requirement ACP-SHIM-4.
#   - Bulk data does not travel in messages. It lies in shared memory segments that the caller makes and passes by file descriptor
#     beside the message (SCM_RIGHTS); messages name a segment by the number attach() gave it, and a range by offset and size in bytes.
#   - Handles are capabilities. Dropping the last reference frees the handle; one that a submission still needs lives until its signal.
#   - Calls on one queue are delivered in the order in which they were made. Calls on different queues may overtake each other.
#
# How this file may change: schemas/README.md.
@0xcbebf3bd2018c6c7;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("acp::schema");

enum Family {
  ok @0;
  malformed @1;
  invalid @2;
  unsupported @3;
  limit @4;
  environment @5;
}

# acp_status
struct Status {
  family @0 :Family;
  code @1 :UInt16;
  requirement @2 :Text;
  path @3 :Text;
  message @4 :Text;
}

# Part of an attached shared memory segment.
struct Range {
  segment @0 :UInt32;
  offsetBytes @1 :UInt64;
  sizeBytes @2 :UInt64;
}

# acp_region, by its memory image: the arrays one after the other in the order of the struct's fields, each as the C structs of
# acp/region.h lie in memory (little-endian, the sizes of version 1), with their counts. The receiver checks it like any foreign region.
struct Region {
  version @0 :UInt32;
  operandCount @1 :UInt32;
  indexCount @2 :UInt32;
  guardCount @3 :UInt32;
  readCount @4 :UInt32;
  scalarCount @5 :UInt32;
  iterCount @6 :UInt32;
  writeCount @7 :UInt32;
  nestCount @8 :UInt32;
  loopCount @9 :UInt32;
  stageCount @10 :UInt32;
  arrays @11 :Data;
}

enum Encoding {
  unknown @0;
  flatbuffers @1;
  json @2;
}

enum DocumentKind {
  unknown @0;
  class @1;
  instance @2;
}

# acp_state
struct State {
  generation @0 :UInt64;
  freeBytes @1 :UInt64;
  healthy @2 :Bool;
}

# acp_point
struct Point {
  timeline @0 :Timeline;
  value @1 :UInt64;
}

# acp_binding
struct Binding {
  memory @0 :Memory;
  offsetBytes @1 :UInt64;
}

# acp_launch
struct Launch {
  executable @0 :Executable;
  bindings @1 :List(Binding);   # inputs first, then outputs, each in slot order
}

# acp_submission
struct Submission {
  waits @0 :List(Point);
  launches @1 :List(Launch);
  signals @2 :List(Point);
}

# The first object of a connection.
interface Shim {
  # Negotiates once, before anything else: the versions the caller can speak, the one the shim chose.
  negotiate @0 (abiMin :UInt32, abiMax :UInt32) -> (status :Status, abi :UInt32);

  # Maps a segment whose file descriptor comes with the message; detach ends the mapping once no call uses it.
  attach @1 (sizeBytes :UInt64) -> (status :Status, segment :UInt32);
  detach @2 (segment :UInt32) -> (status :Status);

  # T0 describe. A document is small enough to travel in the message.
  enumerate @3 () -> (status :Status, count :UInt32);
  getDocument @4 (device :UInt32, kind :DocumentKind) -> (status :Status, encoding :Encoding, data :Data);

  # T1 observe
  getState @5 (device :UInt32) -> (status :Status, state :State);
  wouldAccept @6 (device :UInt32, region :Region) -> (status :Status, accepted :Bool);

  # T2 execute
  memoryAlloc @7 (device :UInt32, sizeBytes :UInt64, alignment :UInt64) -> (status :Status, memory :Memory);
  compile @8 (device :UInt32, region :Region) -> (status :Status, executable :Executable);
  queueCreate @9 (device :UInt32) -> (status :Status, queue :Queue);
  timelineCreate @10 (device :UInt32) -> (status :Status, timeline :Timeline);
}

# acp_memory. Data goes through an attached segment.
interface Memory {
  write @0 (offsetBytes :UInt64, source :Range) -> (status :Status);
  read @1 (offsetBytes :UInt64, target :Range) -> (status :Status);
}

# acp_executable: named in launches, nothing else.
interface Executable {
}

# acp_queue
interface Queue {
  submit @0 (submission :Submission) -> (status :Status);
  status @1 () -> (status :Status);
  reset @2 () -> (status :Status);
}

# acp_timeline
interface Timeline {
  signal @0 (value :UInt64) -> (status :Status);
  query @1 () -> (status :Status, value :UInt64);
  # Answers when the value is reached, or with family environment and code timeout; the connection stays usable meanwhile.
  wait @2 (value :UInt64, timeoutNs :UInt64) -> (status :Status);
}

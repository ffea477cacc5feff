# A shim in another process: the vendor ABI of acp/shim.h as Cap'n Proto RPC.
#
# A host process loads one shim and serves one Shim over a Unix socket that it inherits as file descriptor 3. A crash or a hang of the
# shim is a broken connection or a late answer, and costs the caller nothing else. What each call means, and which refusals it may
# give, is said once, in acp/shim.h and ACP 6; this file says only how a call travels.
#
# Conventions, true everywhere below:
#   - One method a slot. What the slot returned and what it wrote into its acp_status travel as they are: the caller judges them.
#   - Bulk data does not travel in messages. It lies in the window: shared memory that the caller made, inherited as file
#     descriptor 4. Messages name a range of it in bytes.
#   - Handles are numbers that the host process gives, from 1 on, never used twice; 0 stands for none. Each names one kind of thing.
#   - Calls on one queue are made one after the other. A call that blocks in the shim does not hold up any other.
#   - The socket's end is the end of the host process.
#
# How this file may change: schemas/README.md.
@0xcbebf3bd2018c6c7;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("acp::schema");

# acp_status, and the family that the call returned.
struct Status {
  returned @0 :UInt16;
  family @1 :UInt16;
  code @2 :UInt16;
  requirement @3 :Text;
  path @4 :Text;
  message @5 :Text;
}

# acp_header of a struct that the caller passes for an answer: the shim reads it.
struct Header {
  size @0 :UInt32;
  type @1 :UInt32;
}

# Part of the window.
struct Range {
  offsetBytes @0 :UInt64;
  sizeBytes @1 :UInt64;
}

# acp_region by its memory image: the arrays one after the other in the order of the struct's fields, each as the C structs of
# acp/region.h lie in memory (little-endian, the sizes of version 1), each beginning at a multiple of 8 bytes. Bit i of `missing`: the
# i-th pointer is null, and its array does not follow. The receiver checks it like any foreign region.
struct Region {
  size @0 :UInt32;
  version @1 :UInt32;
  counts @2 :List(UInt32);   # ten, in the order of the struct's fields
  missing @3 :UInt16;
  arrays @4 :Data;
}

# acp_state
struct State {
  generation @0 :UInt64;
  freeBytes @1 :UInt64;
  healthy @2 :UInt32;
}

# acp_point
struct Point {
  timeline @0 :UInt64;
  value @1 :UInt64;
}

# acp_binding
struct Binding {
  memory @0 :UInt64;
  offsetBytes @1 :UInt64;
}

# acp_launch
struct Launch {
  executable @0 :UInt64;
  bindings @1 :List(Binding);   # inputs first, then outputs, each in slot order
}

# acp_submission
struct Submission {
  header @0 :Header;
  waits @1 :List(Point);
  launches @2 :List(Launch);
  signals @3 :List(Point);
}

# The first and only object of a connection.
interface Shim {
  # Before anything else: the versions the caller can speak; the one the shim chose, and which slots it fills (bit i: the i-th pointer
  # after `self`). The status is that of loading and negotiating.
  negotiate @0 (abiMin :UInt32, abiMax :UInt32) -> (status :Status, abi :UInt32, slots :UInt64);

  # T0 describe. A document is small enough to travel in the message.
  enumerate @1 () -> (status :Status, count :UInt32);
  getDocument @2 (device :UInt32, kind :UInt32, header :Header) -> (status :Status, encoding :UInt32, data :Data);

  # T1 observe
  getState @3 (device :UInt32, header :Header) -> (status :Status, state :State);
  wouldAccept @4 (device :UInt32, region :Region, header :Header) -> (status :Status, accepted :UInt32);

  # T2 execute
  memoryAlloc @5 (device :UInt32, sizeBytes :UInt64, alignment :UInt64) -> (status :Status, memory :UInt64);
  memoryFree @6 (memory :UInt64) -> ();
  memoryWrite @7 (memory :UInt64, offsetBytes :UInt64, source :Range) -> (status :Status);
  memoryRead @8 (memory :UInt64, offsetBytes :UInt64, target :Range) -> (status :Status);
  compile @9 (device :UInt32, region :Region) -> (status :Status, executable :UInt64);
  executableFree @10 (executable :UInt64) -> ();
  queueCreate @11 (device :UInt32) -> (status :Status, queue :UInt64);
  queueFree @12 (queue :UInt64) -> ();
  queueSubmit @13 (queue :UInt64, submission :Submission) -> (status :Status);
  queueStatus @14 (queue :UInt64) -> (status :Status);
  queueReset @15 (queue :UInt64) -> (status :Status);
  timelineCreate @16 (device :UInt32) -> (status :Status, timeline :UInt64);
  timelineFree @17 (timeline :UInt64) -> ();
  timelineSignal @18 (timeline :UInt64, value :UInt64) -> (status :Status);
  timelineQuery @19 (timeline :UInt64) -> (status :Status, value :UInt64);
  # Answers when the value is reached, or as the shim does when the time passes first. Callers ask for short times, and again: an answer
  # that does not come then tells a dead process from a long wait.
  timelineWait @20 (timeline :UInt64, value :UInt64, timeoutNs :UInt64) -> (status :Status);
}

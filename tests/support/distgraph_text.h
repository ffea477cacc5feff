// A distgraph file of version 1, small enough to read: y = x w^T on two ranks, each with half of w; the loss adds up y, the gradient of w comes
// back over the same halves.
#pragma once

#include <string>

namespace cep::support {

inline const std::string kDistgraphHeader =
    R"({"kind":"header","format":"distgraph-jsonl","version":1,"name":"columns","parallel":{"dp":1,"tp":2,"pp":1,"microbatches":1,"ranks":2},"counts":{"tensor":7,"node":5,"ptensor":12,"pnode":8}})"
    "\n";

inline const std::string kDistgraph =
    kDistgraphHeader +
    R"({"kind":"tensor","id":0,"shape":[4,8],"dtype":"float32","role":"input"}
{"kind":"tensor","id":1,"shape":[6,8],"dtype":"float32","role":"param","name":"w"}
{"kind":"tensor","id":2,"shape":[4,6],"dtype":"float32","role":"act"}
{"kind":"tensor","id":3,"shape":[4,6],"dtype":"float32","role":"act"}
{"kind":"tensor","id":4,"shape":[4,6],"dtype":"float32","role":"seed"}
{"kind":"tensor","id":5,"shape":[4,6],"dtype":"float32","role":"grad"}
{"kind":"tensor","id":6,"shape":[6,8],"dtype":"float32","role":"wgrad","of":1,"output":true}
{"kind":"node","id":7,"seq":0,"op":"next","dir":"fw","at":{},"in":[],"out":[0]}
{"kind":"node","id":8,"seq":1,"op":"torch.nn.functional.linear","dir":"fw","at":{"bias":null},"in":[0,1],"out":[2]}
{"kind":"node","id":9,"seq":2,"op":"torch.nn.functional.softmax","dir":"fw","at":{"dim":-1,"_stacklevel":3,"dtype":null},"in":[2],"out":[3]}
{"kind":"node","id":10,"seq":3,"op":"torch.nn.functional.softmax","dir":"bw","at":{"dim":-1,"_stacklevel":3,"dtype":null},"in":[4,2],"out":[5]}
{"kind":"node","id":11,"seq":4,"op":"torch.nn.functional.linear","dir":"bw","at":{"bias":null},"in":[5,0,1],"out":[6]}
{"kind":"ptensor","id":20,"rank":0,"mb":0,"shape":[4,8],"dtype":"float32","role":"input","bind":{"ref":0,"slice":[[0,4],[0,8]]}}
{"kind":"ptensor","id":21,"rank":0,"mb":null,"shape":[3,8],"dtype":"float32","role":"param","name":"w","bind":{"ref":1,"slice":[[0,3],[0,8]]}}
{"kind":"ptensor","id":22,"rank":0,"mb":0,"shape":[4,3],"dtype":"float32","role":"act","hint":{"parent":77,"part":[0,1]}}
{"kind":"ptensor","id":23,"rank":0,"mb":0,"shape":[4,6],"dtype":"float32","role":"act"}
{"kind":"ptensor","id":24,"rank":1,"mb":0,"shape":[4,8],"dtype":"float32","role":"input","bind":{"ref":0,"slice":[[0,4],[0,8]]}}
{"kind":"ptensor","id":25,"rank":1,"mb":null,"shape":[3,8],"dtype":"float32","role":"param","name":"w","bind":{"ref":1,"slice":[[3,6],[0,8]]}}
{"kind":"ptensor","id":26,"rank":1,"mb":0,"shape":[4,3],"dtype":"float32","role":"act"}
{"kind":"ptensor","id":27,"rank":1,"mb":0,"shape":[4,6],"dtype":"float32","role":"act"}
{"kind":"ptensor","id":28,"rank":0,"mb":0,"shape":[4,3],"dtype":"float32","role":"seed","bind":{"ref":4,"slice":[[0,4],[0,3]]}}
{"kind":"ptensor","id":29,"rank":0,"mb":null,"shape":[3,8],"dtype":"float32","role":"wgrad","yield":{"ref":6,"slice":[[0,3],[0,8]],"part":[0,1]}}
{"kind":"ptensor","id":30,"rank":1,"mb":0,"shape":[4,3],"dtype":"float32","role":"seed","bind":{"ref":4,"slice":[[0,4],[3,6]]}}
{"kind":"ptensor","id":31,"rank":1,"mb":null,"shape":[3,8],"dtype":"float32","role":"wgrad","yield":{"ref":6,"slice":[[3,6],[0,8]],"part":[0,1]}}
{"kind":"pnode","id":40,"rank":0,"stage":0,"mb":0,"seq":0,"op":"next","dir":"fw","at":{},"in":[],"out":[20]}
{"kind":"pnode","id":41,"rank":0,"stage":0,"mb":0,"seq":1,"op":"torch.nn.functional.linear","dir":"fw","at":{"bias":null},"in":[20,21],"out":[22]}
{"kind":"pnode","id":42,"rank":1,"stage":0,"mb":0,"seq":0,"op":"next","dir":"fw","at":{},"in":[],"out":[24]}
{"kind":"pnode","id":43,"rank":1,"stage":0,"mb":0,"seq":1,"op":"torch.nn.functional.linear","dir":"fw","at":{"bias":null},"in":[24,25],"out":[26]}
{"kind":"pnode","id":44,"rank":0,"stage":0,"mb":0,"seq":2,"op":"nnscaler.runtime.adapter.all_gather","dir":"fw","at":{},"comm":{"kind":"all_gather","dim":1,"ranks":[0,1],"id":5},"in":[22],"out":[23]}
{"kind":"pnode","id":45,"rank":1,"stage":0,"mb":0,"seq":2,"op":"nnscaler.runtime.adapter.all_gather","dir":"fw","at":{},"comm":{"kind":"all_gather","dim":1,"ranks":[0,1],"src_ranks":[1,0],"id":5},"in":[26],"out":[27]}
{"kind":"pnode","id":46,"rank":0,"stage":0,"mb":0,"seq":3,"op":"torch.nn.functional.linear","dir":"bw","at":{"bias":null},"in":[28,20,21],"out":[29]}
{"kind":"pnode","id":47,"rank":1,"stage":0,"mb":0,"seq":3,"op":"torch.nn.functional.linear","dir":"bw","at":{"bias":null},"in":[30,24,25],"out":[31]}
)";

}  // namespace cep::support

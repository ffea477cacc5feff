/* The smallest shim that runs any region program: a Class document, and how to compile, run and free a program. */
#include "kit/kit.h"
#include "program.h"

static const char kClass[] =
    "{\"acp\": 1, \"kind\": \"class\","
    " \"identity\": {\"vendor\": \"acp-cep\", \"product\": \"template\", \"stepping\": \"A0\", \"version\": "
    "\"0.1\"},"
    " \"memories\": [{\"name\": \"main\", \"size_bytes\": 1073741824, \"alignment_bytes\": 64}],"
    " \"links\": [{\"from\": \"host\", \"to\": \"main\"}, {\"from\": \"main\", \"to\": \"host\"}],"
    " \"queues\": [{\"name\": \"compute\", \"count\": 1}],"
    " \"contracts\": [{\"id\": \"exact\", \"rounding\": \"nearest_even\", \"subnormals\": \"kept\", \"nan\": "
    "\"canonical\","
    "   \"contraction\": \"fma\", \"exact_orders\": [\"chain\", \"blocked_tree\", \"blocked_index\", "
    "\"lanes32\"]}],"
    " \"ops\": [{\"op\": \"cep:region\", \"version\": 1, \"dtypes\": [\"f32\", \"i32\", \"i64\", \"bool\"],"
    "   \"contract\": \"exact\"}],"
    " \"limits\": {\"max_rank\": 8}}";

static uint16_t compile(void* context, const acp_region* region, int accept_only, void** out,
                        acp_status* status) {
  (void)context;
  if (accept_only) return ACP_OK; /* whatever kit_region_check accepts */
  *out = program_create(region);
  return *out != NULL ? ACP_OK : kit_environment(status, ACP_CODE_NO_MEMORY, "no memory left");
}

static uint16_t run(void* context, void* made, unsigned char* const* bindings, acp_status* status) {
  (void)context;
  return program_run(made, bindings, status);
}

static void free_program(void* context, void* made) {
  (void)context;
  program_free(made);
}

uint16_t acp_shim_negotiate(const acp_host* host, acp_shim* out, acp_status* status) {
  const kit_vendor vendor = {
      .device_count = 1, .class_json = kClass, .compile = compile, .run = run, .program_free = free_program};
  return kit_negotiate(host, &vendor, out, status);
}

// specgen_forms: prints the table of forms of CEP 11.5.
#include <cstdio>

#include "cep/logical_forms.h"

int main() {
  const std::string table = cep::logical::forms_table();
  return std::fputs(table.c_str(), stdout) < 0 ? 1 : 0;
}

// Prints conformance/cep/reject/README.md anew, its table made by verifying every case. Usage: reject_table CORPUS
#include <fstream>
#include <iostream>
#include <iterator>

#include "conformance/reject_corpus.h"

int main(int argc, char** argv) {
  namespace reject = conformance::reject;
  if (argc != 2) {
    std::cerr << "usage: reject_table CORPUS\n";
    return 2;
  }
  const std::string corpus = argv[1];
  std::ifstream file(corpus + "/README.md", std::ios::binary);
  std::string readme(std::istreambuf_iterator<char>(file), {});
  const std::string old = reject::table_in(readme);
  const auto index = reject::read_index(corpus);
  if (!index || old.empty()) {
    std::cerr << "no index or no table to replace in " << corpus << "\n";
    return 1;
  }
  std::cout << readme.replace(readme.find(old), old.size(), reject::table(corpus, *index));
  return 0;
}

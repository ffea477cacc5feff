// Compiled once per instruction set, see CMakeLists.txt. Uses no library function that could be emitted here and linked elsewhere.
#include "contract_kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace acp_cpu {
namespace {

using I64 = std::int64_t;

// A vector: load, load the first n (the others are 0), load p[0], p[2] and so on and nothing behind the last, one value in all lanes, store, store the first n, a*b+c rounded once, and the one
// NaN for any NaN.
#if defined(__AVX512F__)
constexpr I64 kLanes = 16;
constexpr int kMostRows[kTileVectors + 1] = {0, 14, 12, 8, 6};
using Vec = __m512;
__mmask16 first(I64 n) { return static_cast<__mmask16>((1u << n) - 1); }
Vec load(const float* p) { return _mm512_loadu_ps(p); }
Vec load_first(const float* p, I64 n) { return _mm512_maskz_loadu_ps(first(n), p); }
Vec spread(float x) { return _mm512_set1_ps(x); }
Vec load_even(const float* p) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_ps(load(p), even, load_first(p + kLanes, kLanes - 1));
}
void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
void store_first(float* p, Vec v, I64 n) { _mm512_mask_storeu_ps(p, first(n), v); }
Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
Vec one_nan(Vec v) {
  return _mm512_castsi512_ps(_mm512_mask_mov_epi32(
      _mm512_castps_si512(v), _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), _mm512_set1_epi32(0x7fc00000)));
}
#elif defined(__AVX2__)
constexpr I64 kLanes = 8;
constexpr int kMostRows[kTileVectors + 1] = {0, 12, 6, 0, 0};
using Vec = __m256;
__m256i first(I64 n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
Vec load(const float* p) { return _mm256_loadu_ps(p); }
Vec load_first(const float* p, I64 n) { return _mm256_maskload_ps(p, first(n)); }
Vec spread(float x) { return _mm256_set1_ps(x); }
Vec load_even(const float* p) {
  const Vec both = _mm256_shuffle_ps(load(p), load_first(p + kLanes, kLanes - 1), 0x88);
  return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(both), 0xd8));
}
void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
void store_first(float* p, Vec v, I64 n) { _mm256_maskstore_ps(p, first(n), v); }
Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
Vec one_nan(Vec v) {
  const Vec nan = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fc00000));
  return _mm256_blendv_ps(v, nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}
#else
constexpr I64 kLanes = 4;
constexpr int kMostRows[kTileVectors + 1] = {0, 8, 4, 0, 0};
struct Vec {
  float lane[kLanes];
};
Vec load_first(const float* p, I64 n) {
  Vec v = {};
  for (I64 i = 0; i < n; ++i) v.lane[i] = p[i];
  return v;
}
Vec load(const float* p) { return load_first(p, kLanes); }
Vec spread(float x) { return {{x, x, x, x}}; }
Vec load_even(const float* p) { return {{p[0], p[2], p[4], p[6]}}; }
void store_first(float* p, Vec v, I64 n) {
  for (I64 i = 0; i < n; ++i) p[i] = v.lane[i];
}
void store(float* p, Vec v) { store_first(p, v, kLanes); }
Vec fma(Vec a, Vec b, Vec c) {
  for (I64 i = 0; i < kLanes; ++i) c.lane[i] = __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]);
  return c;
}
Vec one_nan(Vec v) {
  for (float& x : v.lane) x = x == x ? x : __builtin_nanf("");
  return v;
}
#endif

// A NaN stays a NaN through FMA steps, so making it the one NaN can wait for the last.
template <int kRows, int kVectors>
void tile(const TileArgs& t) {
  Vec sum[kRows][kVectors];
  if (t.seed_spread) {
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) sum[r][v] = spread(t.seed[r * t.seed_row]);
    }
  } else {
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) sum[r][v] = load(t.seed + r * t.seed_row + v * kLanes);
    }
  }
  const float* x = t.x;
  for (I64 k = 0; k < t.steps; ++k, x += kVectors * kLanes) {
    Vec columns[kVectors];
    for (int v = 0; v < kVectors; ++v) columns[v] = load(x + v * kLanes);
    const float* w = t.w + t.w_at[k];
    for (int r = 0; r < kRows; ++r) {
      const Vec factor = spread(w[r * t.w_row]);
      for (int v = 0; v < kVectors; ++v) sum[r][v] = fma(factor, columns[v], sum[r][v]);
    }
  }
  const I64 rest = t.width - (kVectors - 1) * kLanes;
  for (int r = 0; r < kRows; ++r) {
    float* y = t.y + r * t.y_row;
    for (int v = 0; v + 1 < kVectors; ++v) store(y + v * kLanes, one_nan(sum[r][v]));
    const Vec last = one_nan(sum[r][kVectors - 1]);
    if (rest == kLanes) {
      store(y + (kVectors - 1) * kLanes, last);
    } else {
      store_first(y + (kVectors - 1) * kLanes, last, rest);
    }
  }
}

void pack_closed(const PackArgs& p, const Piece& piece) {
  for (I64 i = 0; i < p.steps; ++i) {
    float* to = p.to + i * p.to_row + piece.first;
    for (I64 j = 0; j < piece.count; ++j) to[j] = p.otherwise;
  }
}
void pack_runs(const PackArgs& p, const Piece& piece) {
  const I64 whole = piece.count / kLanes * kLanes, rest = piece.count - whole;
  for (I64 i = 0; i < p.steps; ++i) {
    float* to = p.to + i * p.to_row + piece.first;
    const float* from = piece.from + i * p.from_row;
    for (I64 j = 0; j < whole; j += kLanes) store(to + j, load(from + j));
    if (rest != 0) store_first(to + whole, load_first(from + whole, rest), rest);
  }
}
void pack_even(const PackArgs& p, const Piece& piece) {
  const I64 whole = piece.count / kLanes * kLanes;
  for (I64 i = 0; i < p.steps; ++i) {
    float* to = p.to + i * p.to_row + piece.first;
    const float* from = piece.from + i * p.from_row;
    for (I64 j = 0; j < whole; j += kLanes) store(to + j, load_even(from + 2 * j));
    for (I64 j = whole; j < piece.count; ++j) to[j] = from[2 * j];
  }
}
void pack_steps(const PackArgs& p, const Piece& piece) {
  for (I64 i = 0; i < p.steps; ++i) {
    float* to = p.to + i * p.to_row + piece.first;
    const float* from = piece.from + i * p.from_row;
    for (I64 j = 0; j < piece.count; ++j) to[j] = from[j * p.step];
  }
}
void pack(const PackArgs& p) {
  for (I64 i = 0; i < p.piece_count; ++i) {
    const Piece& piece = p.pieces[i];
    if (piece.from == nullptr) {
      pack_closed(p, piece);
    } else if (p.step == 1) {
      pack_runs(p, piece);
    } else if (p.step == 2) {
      pack_even(p, piece);
    } else {
      pack_steps(p, piece);
    }
  }
}

template <int kVectors, int kRows>
constexpr void add_rows(ContractKernels& table) {
  if constexpr (kRows > 0) {
    table.tile[kVectors][kRows] = tile<kRows, kVectors>;
    add_rows<kVectors, kRows - 1>(table);
  }
}
template <int kVectors>
constexpr void add_vectors(ContractKernels& table) {
  if constexpr (kVectors > 0) {
    add_vectors<kVectors - 1>(table);
    if (kMostRows[kVectors] > 0) table.vectors = kVectors;
    table.rows[kVectors] = kMostRows[kVectors];
    add_rows<kVectors, kMostRows[kVectors]>(table);
  }
}
constexpr ContractKernels make_table() {
  ContractKernels table = {};
  table.lanes = kLanes;
  table.pack = pack;
  add_vectors<kTileVectors>(table);
  return table;
}

}  // namespace

namespace ACP_CPU_SET {
constinit const ContractKernels kContract = make_table();
}  // namespace ACP_CPU_SET

}  // namespace acp_cpu

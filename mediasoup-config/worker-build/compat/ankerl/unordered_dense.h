#pragma once
// Stands in for the header-only hash map of the same name, which Debian 12 does not carry.
// Covers what the worker uses of it (map, set, hash), on the standard library's containers.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
// The standard library hashes an integer to itself. The worker hashes remote addresses and ports,
// which a stranger chooses, so the bits are stirred once more (the finalizer of SplitMix64).
template<typename T>
struct hash
{
  std::size_t operator()(const T& value) const noexcept
  {
    std::uint64_t bits = std::hash<T>{}(value) + 0x9e3779b97f4a7c15u;
    bits               = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits               = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>(bits ^ (bits >> 31));
  }
};

template<typename Key, typename Value, typename Hash = hash<Key>, typename Equal = std::equal_to<Key>>
using map = std::unordered_map<Key, Value, Hash, Equal>;

template<typename Key, typename Hash = hash<Key>, typename Equal = std::equal_to<Key>>
using set = std::unordered_set<Key, Hash, Equal>;
} // namespace ankerl::unordered_dense

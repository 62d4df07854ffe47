#pragma once
// The worker is written for libsrtp 3; Debian carries libsrtp 2. This header offers the calls the
// worker makes under their version 3 names and carries them out with version 2.
// SRTP is for audio and video. GLIR has data channels only, so none of this runs for a session;
// it is here so that the worker compiles, links and would still do the right thing.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string.h> // explicit_bzero()

// Version 3 hides its policy behind a pointer; version 2 wants a struct that points at the key.
struct PolicyWithKey
{
  srtp2_policy_t policy;
  uint8_t key[SRTP_MAX_KEY_LEN];
};
using srtp_policy_t = PolicyWithKey*;

// Results that version 2 does not know, with the numbers of version 3.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* created)
{
  *created = new (std::nothrow) PolicyWithKey{};
  return *created ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t target)
{
  if (target)
  {
    explicit_bzero(target->key, sizeof(target->key));
    delete target;
  }
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t target, srtp_ssrc_t ssrc)
{
  target->policy.ssrc = ssrc;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t target, srtp_profile_t profile)
{
  const auto result = srtp_crypto_policy_set_from_profile_for_rtp(&target->policy.rtp, profile);
  if (result != srtp_err_status_ok)
  {
    return result;
  }
  return srtp_crypto_policy_set_from_profile_for_rtcp(&target->policy.rtcp, profile);
}

// Version 2 takes key and salt as one run of bytes and has no key identifier.
inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t target,
  const uint8_t* key,
  size_t keyLength,
  const uint8_t* salt,
  size_t saltLength,
  const uint8_t* /*identifier*/,
  size_t /*identifierLength*/)
{
  if (keyLength > sizeof(target->key) || saltLength > sizeof(target->key) - keyLength)
  {
    return srtp_err_status_bad_param;
  }
  std::memcpy(target->key, key, keyLength);
  std::memcpy(target->key + keyLength, salt, saltLength);
  target->policy.key = target->key;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t target, bool allowed)
{
  target->policy.allow_repeat_tx = allowed;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t target, size_t packets)
{
  target->policy.window_size = packets;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t source)
{
  return srtp_create(session, static_cast<const srtp2_policy_t*>(&source->policy));
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, unsigned int ssrc)
{
  return srtp_remove_stream(session, ssrc);
}

// Version 3 reads from one buffer and writes to another whose size it is told; version 2 works in
// place and trusts the caller for `growth` more bytes, so that much room is asked for beforehand.
template<typename InPlaceCall>
inline srtp_err_status_t callInPlace(
  InPlaceCall call, const uint8_t* from, size_t fromLength, uint8_t* to, size_t* toLength, size_t growth)
{
  if (fromLength > *toLength || growth > *toLength - fromLength)
  {
    return srtp_err_status_buffer_small;
  }
  if (from != to)
  {
    std::memmove(to, from, fromLength);
  }
  int length        = static_cast<int>(fromLength);
  const auto result = call(to, &length);
  if (result == srtp_err_status_ok)
  {
    *toLength = static_cast<size_t>(length);
  }
  return result;
}

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* from, size_t fromLength, uint8_t* to, size_t* toLength, size_t /*keyIndex*/)
{
  const auto call = [session](uint8_t* packet, int* length) { return srtp_protect(session, packet, length); };
  return callInPlace(call, from, fromLength, to, toLength, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* from, size_t fromLength, uint8_t* to, size_t* toLength, size_t /*keyIndex*/)
{
  const auto call = [session](uint8_t* packet, int* length) { return srtp_protect_rtcp(session, packet, length); };
  return callInPlace(call, from, fromLength, to, toLength, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* from, size_t fromLength, uint8_t* to, size_t* toLength)
{
  const auto call = [session](uint8_t* packet, int* length) { return srtp_unprotect(session, packet, length); };
  return callInPlace(call, from, fromLength, to, toLength, 0);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* from, size_t fromLength, uint8_t* to, size_t* toLength)
{
  const auto call = [session](uint8_t* packet, int* length) { return srtp_unprotect_rtcp(session, packet, length); };
  return callInPlace(call, from, fromLength, to, toLength, 0);
}

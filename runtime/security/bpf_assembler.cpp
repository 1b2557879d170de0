#include "runtime/security/bpf_assembler.h"

namespace mycontainer::runtime::security {
namespace {

constexpr std::size_t kReach = 250;        // of 255, less what within_reach() itself may add
constexpr std::size_t kShareWithin = 128;  // a return this near is likely still near when jumped to

}  // namespace

BpfAssembler::Label BpfAssembler::put(std::uint16_t code, std::uint32_t value, std::uint8_t yes,
                                      std::uint8_t no) {
  reversed_.push_back({code, yes, no, value});
  return reversed_.size() - 1;
}

BpfAssembler::Label BpfAssembler::give_back(std::uint32_t action) {
  const auto known = returns_.find(action);
  if (known != returns_.end() && size() - known->second < kShareWithin) return known->second;
  return returns_[action] = put(BPF_RET | BPF_K, action);
}

void BpfAssembler::fall_through_to(Label target) {
  const std::size_t distance = size() - 1 - target;
  if (distance == 0) return;
  if (reversed_[target].code == (BPF_RET | BPF_K))
    put(BPF_RET | BPF_K, reversed_[target].k);
  else
    put(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(distance));
}

BpfAssembler::Label BpfAssembler::load(std::uint32_t offset, Label next) {
  fall_through_to(next);
  return put(BPF_LD | BPF_W | BPF_ABS, offset);
}

BpfAssembler::Label BpfAssembler::mask(std::uint32_t bits, Label next) {
  fall_through_to(next);
  return put(BPF_ALU | BPF_AND | BPF_K, bits);
}

BpfAssembler::Label BpfAssembler::within_reach(Label target) {
  if (size() - target < kReach) return target;
  fall_through_to(target);
  return size() - 1;
}

BpfAssembler::Label BpfAssembler::branch(std::uint16_t comparison, std::uint32_t value, Label yes,
                                         Label no) {
  if (yes == no) return yes;
  yes = within_reach(yes);
  no = within_reach(no);
  return put(static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), value,
             static_cast<std::uint8_t>(size() - 1 - yes),
             static_cast<std::uint8_t>(size() - 1 - no));
}

std::string BpfAssembler::finish(Label start) {
  fall_through_to(start);
  const std::vector<sock_filter> program(reversed_.rbegin(), reversed_.rend());
  return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

}  // namespace mycontainer::runtime::security

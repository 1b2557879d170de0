// A classic BPF program written from its end towards its beginning, so that every jump's target
// already exists. Either side; pure. Internal to this folder.
//
// Conditional jumps reach 255 instructions ahead; where a target lies farther, a copy of the return
// it leads to, or a long jump, is put in between.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace mycontainer::runtime::security {

class BpfAssembler {
 public:
  // A place in the program: counted from the end, so later instructions do not move it.
  using Label = std::size_t;

  // An instruction that ends the program with `action`; one near enough is used again.
  Label give_back(std::uint32_t action);
  // Loads the 32-bit word at `offset` of struct seccomp_data, then continues at `next`.
  Label load(std::uint32_t offset, Label next);
  Label mask(std::uint32_t bits, Label next);
  // Compares the loaded word with `value`: BPF_JEQ, BPF_JGT or BPF_JGE.
  Label branch(std::uint16_t comparison, std::uint32_t value, Label yes, Label no);

  [[nodiscard]] std::size_t size() const { return reversed_.size(); }
  // The instructions as bytes, first one first. `start` becomes the first: it is jumped to if it is
  // not the latest.
  std::string finish(Label start);

 private:
  Label put(std::uint16_t code, std::uint32_t value, std::uint8_t yes = 0, std::uint8_t no = 0);
  // `target`, or a stand-in near enough for an 8-bit jump from the instruction after next.
  Label within_reach(Label target);
  // Makes `target` the instruction that follows the one put next.
  void fall_through_to(Label target);

  std::vector<sock_filter> reversed_;
  std::unordered_map<std::uint32_t, Label> returns_;
};

}  // namespace mycontainer::runtime::security

// Calls a function of this program in another process, with checked types. Parent and child side.
//
//   Result<int> divide(int a, int b);                                  // an ordinary function
//   inline constexpr reexec::Function<&divide> kDivide{"divide"};      // named once
//   constexpr auto kEntries = reexec::table(kDivide.entry());          // in main's table
//
//   Result<int> quotient = kDivide(6, 3);                              // runs in a child
//   TRY(auto running, kDivide.start(6, 3));  ...  running.wait();      // many at once
//
// Arguments and results travel over the inherited channel (wire.h): no file, no environment
// variable. A wrong argument does not compile. What comes back is the function's value, the Error
// it returned, or an Error that says how the child died without an answer.
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "reexec/command.h"
#include "reexec/registry.h"
#include "reexec/wire.h"

namespace mycontainer::reexec {

namespace detail {

template <class T>
struct ValueOf {
  using Type = T;
};
template <class T>
struct ValueOf<Result<T>> {
  using Type = T;
};
// What stands for void on the wire.
struct Nothing {
  template <class Self>
  static auto fields(Self&) {
    return std::tuple<>();
  }
};

template <class R>
using Value = typename ValueOf<R>::Type;
template <class V>
using OnWire = std::conditional_t<std::is_void_v<V>, Nothing, V>;
// Either the value or the error.
template <class V>
using Answer = std::pair<std::optional<OnWire<V>>, std::optional<Error>>;

inline constexpr std::uint32_t kArguments = 1;
inline constexpr std::uint32_t kAnswer = 2;

// The bytes of the one answer, or how the child ended without one. Reaps the child.
Result<std::string> await_answer(std::string_view name, Process& process, const Channel& channel);
// In the child: the arguments' bytes, and the answer's.
Result<std::string> receive_arguments(const Channel& channel);
int send_answer(const Channel& channel, std::string_view bytes);

template <class V, class R>
Answer<V> answer_of(R&& result) {
  if constexpr (std::is_same_v<std::decay_t<R>, Result<V>>) {
    if (!result) return {std::nullopt, std::forward<R>(result).error()};
    if constexpr (std::is_void_v<V>) {
      return {Nothing{}, std::nullopt};
    } else {
      return {*std::forward<R>(result), std::nullopt};
    }
  } else {
    return {std::forward<R>(result), std::nullopt};
  }
}

}  // namespace detail

// A call under way. Dropping it kills the child.
template <class V>
class Call {
 public:
  Call(std::string_view name, Process process, Channel channel)
      : name_(name), process_(std::move(process)), channel_(std::move(channel)) {}

  // Blocks until the answer is there and the child has ended. Once.
  Result<V> wait() {
    TRY(const std::string bytes, detail::await_answer(name_, process_, channel_));
    TRY(auto answer, decode<detail::Answer<V>>(bytes));
    if (answer.second) return Failure(std::move(*answer.second));
    if (!answer.first) return fail_code(EBADMSG, "call {}: an empty answer", name_);
    if constexpr (std::is_void_v<V>) {
      return {};
    } else {
      return std::move(*answer.first);
    }
  }

  Process& process() { return process_; }
  // Readable when the answer is there or the child has ended.
  [[nodiscard]] int fd() const { return channel_.fd(); }

 private:
  std::string_view name_;
  Process process_;
  Channel channel_;
};

template <auto Pointer>
class Function;

template <class R, class... Args, R (*Pointer)(Args...)>
class Function<Pointer> {
 public:
  using Value = detail::Value<R>;
  using Arguments = std::tuple<std::decay_t<Args>...>;

  consteval explicit Function(std::string_view name) : name_(name) {}

  [[nodiscard]] constexpr std::string_view name() const { return name_; }
  [[nodiscard]] constexpr Entry entry(std::string_view instead = {}) const {
    return {name_, &Function::serve, instead};
  }

  // Starts a child for one call. `command`, made with command(), may carry attributes, stdio and
  // the like; it is used up.
  Result<Call<Value>> start(const std::decay_t<Args>&... args) const {
    Command plain = command();
    return start_with(plain, args...);
  }
  Result<Call<Value>> start_with(Command& command, const std::decay_t<Args>&... args) const {
    TRY(Process process, command.start());
    Channel channel = command.take_channel();
    TRY_VOID(channel.send(detail::kArguments, encode(Arguments(args...))));
    return Call<Value>(name_, std::move(process), std::move(channel));
  }
  [[nodiscard]] Command command() const { return Command::entry(std::string(name_)); }

  Result<Value> operator()(const std::decay_t<Args>&... args) const {
    TRY(auto call, start(args...));
    return call.wait();
  }

 private:
  static detail::Answer<Value> run(const Channel& channel) {
    auto bytes = detail::receive_arguments(channel);
    if (!bytes) return {std::nullopt, std::move(bytes).error()};
    auto arguments = decode<Arguments>(*bytes);
    if (!arguments) return {std::nullopt, std::move(arguments).error()};
    if constexpr (std::is_void_v<R>) {
      std::apply(Pointer, std::move(*arguments));
      return {detail::Nothing{}, std::nullopt};
    } else {
      return detail::answer_of<Value>(std::apply(Pointer, std::move(*arguments)));
    }
  }
  static int serve(Invocation& invocation) {
    return detail::send_answer(invocation.channel, encode(run(invocation.channel)));
  }

  std::string_view name_;
};

}  // namespace mycontainer::reexec

// The builder half of Command: what was asked for. starter.cpp makes a plan of it.
#include "reexec/command.h"

#include "reexec/starter.h"

namespace mycontainer::reexec {

Command Command::program(std::string path, std::vector<std::string> args) {
  Command command;
  command.argv_.push_back(path);
  command.path_ = std::move(path);
  command.args(std::move(args));
  return command;
}

Command Command::entry(std::string name, std::vector<std::string> args) {
  Command command;
  command.is_entry_ = true;
  command.with_channel_ = true;
  command.path_ = name;
  command.argv_.push_back(std::move(name));
  command.args(std::move(args));
  return command;
}

Command& Command::executable(UniqueFd file) {
  executable_ = std::move(file);
  return *this;
}

Command& Command::argv0(std::string name) {
  argv_[0] = std::move(name);
  return *this;
}

Command& Command::arg(std::string text) {
  argv_.push_back(std::move(text));
  return *this;
}

Command& Command::args(std::vector<std::string> list) {
  for (std::string& text : list) argv_.push_back(std::move(text));
  return *this;
}

Command& Command::clear_env() {
  clear_env_ = true;
  env_.clear();
  return *this;
}

Command& Command::env(std::string_view name, std::string_view value) {
  env_.emplace_back(name, value);
  return *this;
}

Command& Command::unset_env(std::string_view name) {
  env_.emplace_back(name, std::nullopt);
  return *this;
}

Command& Command::cwd(std::string path) {
  cwd_ = std::move(path);
  return *this;
}

Command& Command::cwd(UniqueFd directory) {
  cwd_fd_ = std::move(directory);
  return *this;
}

Command& Command::in(Stdio choice) {
  stdio_[0] = std::move(choice);
  return *this;
}

Command& Command::out(Stdio choice) {
  stdio_[1] = std::move(choice);
  return *this;
}

Command& Command::err(Stdio choice) {
  stdio_[2] = std::move(choice);
  return *this;
}

Command& Command::err_to_out() {
  err_to_out_ = true;
  return *this;
}

Command& Command::give(int source, int target) {
  given_.emplace_back(source, target);
  return *this;
}

Command& Command::give(UniqueFd source, int target) {
  given_.emplace_back(source.get(), target);
  owned_.push_back(std::move(source));
  return *this;
}

Command& Command::with_channel() {
  with_channel_ = true;
  return *this;
}

Command& Command::attributes(Attributes all) {
  attributes_ = std::move(all);
  return *this;
}

UniqueFd Command::take_pipe(int descriptor) {
  if (descriptor < 0 || descriptor > 2) return {};
  return std::move(pipes_[static_cast<std::size_t>(descriptor)]);
}

Result<Process> Command::start() { return Starter(*this).start(); }

Result<Status> Command::run() {
  TRY(Process process, start());
  return process.wait();
}

Result<Output> Command::output(std::size_t limit) {
  stdio_[1] = Stdio::buffer();
  if (!err_to_out_) stdio_[2] = Stdio::buffer();
  TRY(Process process, start());
  return collect_output(std::move(process), std::move(pipes_[1]), std::move(pipes_[2]), limit);
}

Result<Output> Command::combined_output(std::size_t limit) {
  err_to_out_ = true;
  return output(limit);
}

}  // namespace mycontainer::reexec

// What a Client is made of. Private to rootfs/registry.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "rootfs/registry/client.h"
#include "rootfs/registry/session.h"

namespace mycontainer::rootfs::registry {

struct Client::Impl {
  Impl(std::shared_ptr<Session> session, std::string its_repository)
      : caller(std::move(session)), repository(std::move(its_repository)) {}

  // A request for something of the repository.
  [[nodiscard]] Request below(std::string method, const std::string& path) const {
    return caller.request(std::move(method), repository + "/" + path);
  }
  // Any status but those is an error, in the registry's words.
  Result<Response> expect(const Request& request, std::initializer_list<int> statuses);

  Caller caller;
  std::string repository;
  // The upload that a registry began instead of mounting a blob: the blob's digest and where to.
  std::optional<std::pair<Digest, Url>> begun;
};

}  // namespace mycontainer::rootfs::registry

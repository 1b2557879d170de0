// What `state` and `list` print. Pure.
//
// Source: runc's output, which clients parse (go-runc's Container, podman, Kubernetes' tests).
#pragma once

#include <span>
#include <string>

#include "runtime/container/control.h"

namespace mycontainer::cmd::oci {

struct ContainerRow {
  runtime::container::Inspection container;
  std::string owner;  // a user's name, or "#1000"; `state` leaves it empty
};

// Indented by two spaces, without a newline at the end.
std::string state_json(const ContainerRow& row);
// In one line; "null" when there are none, as Go writes an empty list.
std::string list_json(std::span<const ContainerRow> rows);
// ID PID STATUS BUNDLE CREATED OWNER, a line each.
std::string list_table(std::span<const ContainerRow> rows);

// The name of `uid` in the text of /etc/passwd, or "#UID".
std::string owner_name(std::string_view passwd, unsigned uid);

}  // namespace mycontainer::cmd::oci

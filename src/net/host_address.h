// IP addresses written as the host of a URL. Pure: no name is looked up.
#pragma once

#include <string_view>

namespace sqs2pg::net {

// "localhost", 127.0.0.0/8 in four decimal parts, or ::1 however it is written (without brackets).
bool is_loopback_host(std::string_view host);

// Whether both are literals of the same address, "fd00:ec2:0::23" and "fd00:ec2::23".
bool is_same_address(std::string_view host, std::string_view literal);

}  // namespace sqs2pg::net

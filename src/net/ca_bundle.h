// The file of CA certificates that AWS_CA_BUNDLE and the like name.
#pragma once

#include <string>

#include "base/result.h"

using X509_STORE = struct x509_store_st;

namespace sqs2pg::net {

// Adds every certificate of the PEM file (or hashed folder) `path` to the store. Error: why it cannot be used and what
// to do; `detail` does not name the file.
Status add_ca_bundle(X509_STORE* store, const std::string& path);

}  // namespace sqs2pg::net

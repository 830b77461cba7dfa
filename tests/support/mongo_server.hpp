#pragma once
/// @file
/// The MongoDB server of the tests (tests/store/mongo_server), one process per role, started when
/// first asked for and ended with the test program.
///
/// | role        | what it plays                                                                |
/// |-------------|------------------------------------------------------------------------------|
/// | alone       | a server without transactions                                                |
/// | replica_set | the primary of a set of one, `rs0`, with transactions                        |
/// | router      | a router of a sharded cluster, with transactions                             |

#include <string>

namespace cxb::test {

enum class server_role { alone, replica_set, router };

/// What the server needs and this machine has not; "" when it can be started. Throws where
/// everything has to run (required.hpp).
std::string missing_for_mongo_server();
unsigned short mongo_server_port(server_role role = server_role::alone);
/// One server at this port, whatever it says of others.
std::string mongo_url(unsigned short port);

}  // namespace cxb::test

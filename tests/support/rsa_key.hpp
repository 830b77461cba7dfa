#pragma once
/// @file
/// A private key for tests of signatures.

namespace cxb::test {

/// `openssl genrsa 1024`, made for the tests and used nowhere else.
inline constexpr char const* rsa_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMBRLAbe+Kju14+9\n"
    "ChIXKRH2sN158aArAO7B3G4HdCQkZUFtJgXw4FNoUlbv7pfu7XUaxXr2gd3vugBd\n"
    "zNgnk1Iq+5ca7MPm7kJTSo1NHyi2uX91/AjVYiM92Sp8HRjLhTnnxu3jh4lM/NX0\n"
    "liHIG2fugQrQgI4qOti+8LIRDiBLAgMBAAECgYBtt6GDhf+c+S4XvgSZz4bJzdCX\n"
    "ejOEaiRNEmJ8j1oOKIlv6yJPL137l7+qA5Y+LbxhG9XgUfRDNroJ7XmpM+LSdvBH\n"
    "vTCBhxadClcsHaUgUWv080JXZXOs99pL+m70kpP0vij3gPe6KiVFS1sCNsOkCgrX\n"
    "gg6e6rspsMXtFpRgQQJBAO+gQhsY3W8HHiVmvghaPLHFruF6XDmv6z3ak9LVYX1Z\n"
    "/ZF50Bv6qamQtOaRCE4jDDHLKyhpGMBPbW9pKNsLEiECQQDNdViCMtI9C7I7n5Vr\n"
    "jjHVck1utZ/RzNY1XVEnLNd++F/ddHDJCpUW/uIezLfMtaEljS93FJVG52Ip4Xpu\n"
    "jPzrAkB/GSiXCMxCnKrfuawn7/zraegFTopmSqnip/HqTSWlgDrfk5XPkVe2Sbu5\n"
    "48lc8HgCXTnp+DyZnEd2ZXe3HxshAkEAnm4mWf+mbrxeK+va5J05gEYrv3r+SmGR\n"
    "rITQ10yUv6v3AGWRsvUeEiVpaCakdI56POKp/0E3+vzhjTn5ltXREQJAMfYRGo6T\n"
    "rJ0socQDQNuOT0PtrLUI8OGKayNkEDmGBYTdBuq/dqprAwBc45Efr44qPZ1I1+YZ\n"
    "tGiSfQHYrSFVaA==\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace cxb::test

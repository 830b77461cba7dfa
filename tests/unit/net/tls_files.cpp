#include "tests/unit/net/tls_files.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

namespace cxb::net_test {

tls_files make_tls_files(std::string const& tag, std::vector<std::string> const& dns,
                         std::vector<std::string> const& ips, long seconds_left) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(EVP_EC_gen("P-256"),
                                                                  EVP_PKEY_free);
    std::unique_ptr<X509, decltype(&X509_free)> const cert(X509_new(), X509_free);
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), seconds_left);
    X509_set_pubkey(cert.get(), key.get());
    auto* const name = X509_get_subject_name(cert.get());
    auto const* text = reinterpret_cast<unsigned char const*>(tag.c_str());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(cert.get(), name);
    std::string alternatives;
    for (auto const& one : dns)
        alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + one;
    for (auto const& one : ips)
        alternatives += (alternatives.empty() ? "IP:" : ",IP:") + one;
    auto* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternatives.c_str());
    X509_add_ext(cert.get(), extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(cert.get(), key.get(), EVP_sha256());

    auto const base = ::testing::TempDir() + "cxb_" + std::to_string(::getpid()) + '_' + tag;
    tls_files out{base + ".crt", base + ".key"};
    std::unique_ptr<FILE, int (*)(FILE*)> const cert_file(std::fopen(out.certificate.c_str(), "w"),
                                                          std::fclose);
    PEM_write_X509(cert_file.get(), cert.get());
    std::unique_ptr<FILE, int (*)(FILE*)> const key_file(std::fopen(out.key.c_str(), "w"),
                                                         std::fclose);
    PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return out;
}

}  // namespace cxb::net_test

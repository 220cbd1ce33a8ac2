/** MBEDTLS_CONFIG_FILE of the one part of mbed TLS that is used: SHA-256. */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER

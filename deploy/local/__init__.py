"""The real MongoDB and Kafka, an issuer and a mailbox on one machine, without Docker (docs/decisions tells why)."""

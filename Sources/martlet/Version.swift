/// What `martlet --version` prints and what a node writes into its own record in Redis.
enum Version {
    static let current = "0.1.0"
}

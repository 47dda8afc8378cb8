public import ChatProtocol
internal import Logging
internal import NIOCore
internal import RedisClient

extension RedisDirectory {
    /// Frees the name, and takes the user off the list of everyone online, unless the user is on another node, too. Call
    /// it when the user's last session on this node ends.
    ///
    /// On an instance that never showed the user, it only frees the name unless the user is on any node: what a session
    /// that ended while it arrived has to do, for the user may have others.
    public func leave(_ user: UserID, name: DisplayName) {
        self.writeShown()
        let wasShown = self.here.removeValue(forKey: user) != nil
        let node = self.node
        let nowhere = self.everyone.depart([user], from: wasShown ? node : nil)
        nowhere.assumeIsolated().whenComplete { result in
            // Back again meanwhile: then the name is in use.
            guard self.here[user] == nil else { return }
            switch result {
            case .success(let nowhere):
                if !nowhere.isEmpty { self.free(name, of: user) }
                if wasShown { self.unlist([user], nowhere: nowhere, from: node) }
            case .failure(let error):
                self.logger.debug("A user's leaving could not be noted: \(error)")
                if wasShown { self.stillListed.insert(user) }
            }
        }
    }

    /// Tries again with those whom Redis was away for when they left. Their names have an end of their own.
    func unlistLeftovers() {
        let users = Array(self.stillListed)
        self.stillListed = []
        self.unlistNextBatch(of: users[...])
    }

    private func unlistNextBatch(of users: ArraySlice<UserID>) {
        let batch = users.prefix(200).filter { self.here[$0] == nil }
        let rest = users.dropFirst(200)
        guard !batch.isEmpty else {
            if !rest.isEmpty { self.unlistNextBatch(of: rest) }
            return
        }
        let node = self.node
        self.everyone.depart(batch, from: node).assumeIsolated().whenComplete { result in
            guard case .success(let nowhere) = result else { return self.stillListed.formUnion(users) }
            let isAway = { self.here[$0] == nil }
            self.unlist(batch.filter(isAway), nowhere: nowhere.filter(isAway), from: node)
            self.unlistNextBatch(of: rest)
        }
    }

    /// The node's own list comes last: as long as a user stands there, whoever cleans up after this node finishes.
    private func unlist(_ users: [UserID], nowhere: [UserID], from node: NodeID) {
        guard !users.isEmpty else { return }
        let removed = self.everyone.remove(nowhere)
        let command = ["HDEL", RedisArgument(self.keys.users(of: node))] + users.map { RedisArgument($0.string) }
        removed.and(self.noted(self.link.send(command))).assumeIsolated().whenFailure { _ in
            self.stillListed.formUnion(users)
        }
    }
}

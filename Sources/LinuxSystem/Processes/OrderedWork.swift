internal import Dispatch
internal import Synchronization

/// Does pieces of work on threads of its own and hands the results over in the order of the pieces.
///
/// Results are handed over on the caller's thread, while it submits. A caller that is faster than the threads waits, so
/// that only few pieces are in memory.
package final class OrderedWork<Piece: Sendable, Product: Sendable> {
    private let queue = Queue()
    private let deliver: (Product) throws -> Void
    private let limit: Int
    /// In the order of the pieces; few.
    private var unfinished: [Job] = []

    private final class Job: Sendable {
        let piece: Piece
        let product = Mutex<Result<Product, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)

        init(_ piece: Piece) { self.piece = piece }
    }

    private final class Queue: Sendable {
        private let jobs = Mutex<[Job]>([])
        private let available = DispatchSemaphore(value: 0)

        func put(_ job: Job) {
            jobs.withLock { $0.append(job) }
            available.signal()
        }

        func end(threads: Int) { for _ in 0..<threads { available.signal() } }

        /// Waits for a job; nil at the end.
        func take() -> Job? {
            available.wait()
            return jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    private let threads: Int

    /// - Parameters:
    ///   - threads: at least one.
    ///   - makeWorker: called once on each thread, for what a thread needs to itself.
    ///   - deliver: gets the results.
    package init(
        threads: Int, makeWorker: @escaping @Sendable () throws -> (Piece) throws -> Product,
        deliver: @escaping (Product) throws -> Void
    ) {
        self.threads = max(1, threads)
        self.deliver = deliver
        limit = self.threads + 1
        for _ in 0..<self.threads {
            startThread { [queue] in
                let worker = Result { try makeWorker() }
                while let job = queue.take() {
                    job.product.withLock { $0 = Result { try worker.get()(job.piece) } }
                    job.isDone.signal()
                }
            }
        }
    }

    deinit { queue.end(threads: threads) }

    /// Gives a piece to the threads, and hands over what is finished if too much is not.
    ///
    /// - Throws: what the work on an earlier piece threw, and what handing over throws.
    package func submit(_ piece: Piece) throws {
        if unfinished.count >= limit { try deliverNext() }
        let job = Job(piece)
        unfinished.append(job)
        queue.put(job)
    }

    /// Hands over all that is left.
    package func finish() throws {
        while !unfinished.isEmpty { try deliverNext() }
    }

    private func deliverNext() throws {
        let job = unfinished.removeFirst()
        job.isDone.wait()
        guard let product = job.product.withLock({ $0.take() }) else { return }
        try deliver(product.get())
    }
}

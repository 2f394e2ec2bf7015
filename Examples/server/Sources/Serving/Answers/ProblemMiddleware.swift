package import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Makes problem documents of whatever was thrown; what is unforeseen is logged, and not told.
package struct ProblemMiddleware: RouterMiddleware {
    /// A middleware; the first one that errors pass on their way out.
    package init() {}

    /// Answers, or says why not.
    package func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            switch error {
            case let problem as Problem: return problem.response
            case is NIOTooManyBytesError:
                return Problem(
                    .contentTooLarge, "too-large", "The body is larger than this server takes."
                ).response
            case let error as any HTTPResponseError:
                return Problem(error.status).response
            case is HTTPParserError:
                // What comes is no HTTP, or ends too early: Hummingbird says so, and closes.
                throw error
            case is ChannelError, is IOError:
                // The client is gone, and nobody reads this.
                return Problem(.badRequest).response
            case is CancellationError:
                return Problem(.serviceUnavailable).retryAfter(seconds: 1).response
            default:
                context.logger.error("request failed", metadata: ["error": "\(error)"])
                return Problem(.internalServerError).response
            }
        }
    }
}

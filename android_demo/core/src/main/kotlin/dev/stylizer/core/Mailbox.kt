package dev.stylizer.core

/** Holds the newest thing for one taker: what was not taken in time comes back to whoever puts the next one in. */
internal class Mailbox<T : Any> {
    @Suppress("PLATFORM_CLASS_MAPPED_TO_KOTLIN")
    private val lock = Object() // its own wait(): a Condition allocates with every one
    private var content: T? = null
    private var closed = false

    /** Never blocks; returns what this replaced, or [item] itself if the box is closed. */
    fun put(item: T): T? = synchronized(lock) {
        if (closed) return item
        val replaced = content
        content = item
        lock.notify()
        replaced
    }

    /** Waits; null once the box is closed. */
    fun take(): T? = synchronized(lock) {
        while (content == null && !closed) lock.wait()
        if (closed) return null
        content.also { content = null }
    }

    fun close() = synchronized(lock) {
        closed = true
        content = null
        lock.notifyAll()
    }
}

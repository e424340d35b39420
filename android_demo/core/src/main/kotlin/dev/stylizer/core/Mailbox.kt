package dev.stylizer.core

import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/** Holds the newest thing for one taker: what was not taken in time comes back to whoever puts the next one in. */
internal class Mailbox<T : Any> {
    private val lock = ReentrantLock()
    private val changed = lock.newCondition()
    private var content: T? = null
    private var closed = false

    /** Never blocks; returns what this replaced, or [item] itself if the box is closed. */
    fun put(item: T): T? = lock.withLock {
        if (closed) return item
        val replaced = content
        content = item
        changed.signal()
        replaced
    }

    /** Waits; null once the box is closed. */
    fun take(): T? = lock.withLock {
        while (content == null && !closed) changed.await()
        if (closed) return null
        content.also { content = null }
    }

    fun close() = lock.withLock {
        closed = true
        content = null
        changed.signalAll()
    }
}

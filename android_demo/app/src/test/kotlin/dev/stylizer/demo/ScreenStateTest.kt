package dev.stylizer.demo

import dev.stylizer.core.Accelerator
import dev.stylizer.core.Report
import dev.stylizer.core.Settings
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test

class ScreenStateTest {
    private val report = Report(Accelerator.GPU, null, 30f, emptyMap(), 1)
    private val live = ScreenState.first(listOf("ink", "sketch")).returned(granted = true).reported(report)

    @Test
    fun anEarlierStyleIsTakenUpIfItIsStillThere() {
        assertEquals("sketch", ScreenState.first(listOf("ink", "sketch"), Settings("sketch", 0.5f)).settings.style)
        assertEquals(Settings("ink", 0.5f), ScreenState.first(listOf("ink"), Settings("sketch", 0.5f)).settings)
    }

    @Test
    fun withoutStylesNothingIsDrawn() {
        val state = ScreenState.first(emptyList()).returned(granted = true)
        assertFalse(state.watching || state.canChoose)
        assertEquals(Notice.NO_STYLES, state.message?.notice)
        assertNull(state.remedy)
    }

    @Test
    fun aPhotoIsTakenDrawnSavedAndShared() {
        val capturing = live.capturing()
        assertTrue(capturing.watching)
        assertFalse(capturing.canCapture)
        val done = capturing.working().progressed(0.5f).finished("a.jpg")
        assertFalse(done.watching)
        assertEquals(Mode.Result("a.jpg"), done.mode)
        val saved = done.wantingToShare().saving().saved("a.jpg", "content://1")
        assertEquals(Mode.Result("a.jpg", "content://1", sharing = true), saved.mode)
        assertEquals(Mode.Live, saved.shared().live().mode)
    }

    @Test
    fun whatComesLateChangesNothing() {
        assertSame(live, live.progressed(0.5f))
        assertSame(live, live.finished("a.jpg"))
        assertSame(live, live.gaveUp(Notice.OUT_OF_MEMORY))
        assertSame(live, live.unsaved(Notice.SAVE_FAILED))
        val other = live.working().finished("b.jpg")
        assertEquals(other, other.saved("a.jpg", "content://1"))
        assertSame(other, other.reported(report))
    }

    @Test
    fun aLostCameraEndsThePhotoAndIsForgottenOnceFramesCome() {
        val lost = live.capturing().troubled(CameraTrouble.LOST)
        assertEquals(Mode.Live, lost.mode)
        assertTrue(lost.watching)
        assertFalse(lost.canCapture)
        assertNull(lost.remedy)
        assertTrue(lost.streaming().canCapture)
        assertNull(lost.left().trouble)
    }

    @Test
    fun whatWentWrongStaysUntilItWasSeen() {
        val failed = live.working().gaveUp(Notice.PICTURE_UNREADABLE).troubled(CameraTrouble.LOST).streaming()
        assertEquals(Notice.PICTURE_UNREADABLE, failed.message?.notice)
        assertEquals(Remedy.DISMISS, failed.remedy)
        assertNull(failed.dismissed().message)
    }

    @Test
    fun permissionIsAskedForAgainOrInTheSettings() {
        val first = ScreenState.first(listOf("ink"))
        assertFalse(first.watching)
        assertTrue(first.canChoose)
        assertEquals(Remedy.ASK_AGAIN, first.asking().answered(granted = false, mayAskAgain = true).remedy)
        val blocked = first.asking().answered(granted = false, mayAskAgain = false)
        assertEquals(Remedy.OPEN_SETTINGS, blocked.returned(granted = false).remedy)
        assertTrue(blocked.returned(granted = true).watching)
        assertEquals(Permission.UNASKED, live.returned(granted = false).permission)
    }

    @Test
    fun leavingEndsThePhotoInTheCameraButNotTheOneBeingDrawn() {
        assertEquals(Mode.Live, live.capturing().left().mode)
        assertEquals(Mode.Working(0f), live.working().left().mode)
    }

    @Test
    fun anotherStyleKeepsTheSliders() {
        val set = live.strengthened(0.3f).exaggerated(-0.4f).warned(Notice.PHOTO_FAILED)
        assertEquals(Settings("sketch", 0.3f, -0.4f), set.styled("sketch").settings)
        assertNull(set.styled("sketch").message)
    }

    @Test
    fun slidersEndWhereTheSettingsDo() {
        assertEquals(Settings("ink", 1f, -1f), live.strengthened(1.2f).exaggerated(-3f).settings)
        assertEquals(Settings("ink", 0f, 1f), live.strengthened(-0.1f).exaggerated(1.01f).settings)
    }

    @Test
    fun theCameraIsSwitchedOnlyWhileItIsWatched() {
        assertEquals(Facing.BACK, live.troubled(CameraTrouble.FAILED).facingSwitched().facing)
        assertNull(live.troubled(CameraTrouble.FAILED).facingSwitched().trouble)
        assertSame(live.capturing().facing, live.capturing().facingSwitched().facing)
        assertTrue(live.camerasFound(setOf(Facing.FRONT, Facing.BACK)).canSwitch)
        assertFalse(live.camerasFound(setOf(Facing.BACK)).canSwitch)
    }

    @Test
    fun aDrawingThatIsNotSavedIsNotShared() {
        val wanted = live.working().finished("a.jpg").wantingToShare().saving()
        assertEquals(Mode.Result("a.jpg", saving = true, sharing = true), wanted.mode)
        val failed = wanted.unsaved(Notice.SAVE_FAILED)
        assertEquals(Mode.Result("a.jpg"), failed.mode)
        assertEquals(Notice.SAVE_FAILED, failed.message?.notice)
        assertNull(wanted.unsaved(null).message)
    }

    @Test
    fun measurementsGiveWayToWhatMattersMore() {
        assertTrue(live.measuring)
        val others = listOf(
            live.capturing(), live.working(), live.troubled(CameraTrouble.LOST), live.warned(Notice.PHOTO_FAILED),
            live.returned(granted = false))
        assertFalse(others.any { it.measuring })
    }
}

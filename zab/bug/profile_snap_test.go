package bug

import "maps"

// The releases that had the switches of rows_snap.go. Two were gone before Zab 1.0.
func init() {
	maps.Copy(spans, map[Switch][][2]string{
		CversionByIncrement:       nil,
		CreateAfterClose:          nil,
		ReplayMissingParentFatal:  {{"3.4.1", "3.4.5"}},
		MultiRollbackForgetsPrior: {{"3.4.0", "3.4.5"}},
		DeadConnectionWatch:       {{"3.4.0", "3.4.5"}},
		CloseWithoutPaths:         {{"3.4.0", "3.5.10"}},
		DeleteLeavesPzxid:         {{"3.4.0", "3.5.4"}},
		ReplayTurnsBack:           {{"3.5.0", "3.5.10"}},
		UpgradeDangling:           {{"3.5.0", "3.5.10"}},
		ACLMissingOnReplay:        {{"3.4.0", "3.8.4"}, {"3.9.0", "3.9.3"}},
		ACLNumbersReissued:        {{"3.4.9", "3.4.14"}, {"3.5.2", "3.10.0"}},
		CloseTooBig:               {{"3.6.0", "3.10.0"}},
		ExistsByMap:               {{"3.8.5", "3.8.6"}, {"3.9.4", "3.10.0"}},
	})
}
